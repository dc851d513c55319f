#include "worker/json.hpp"

#include <limits>
#include <stdexcept>

namespace concd::worker {
namespace {

std::optional<std::string> bytes_of(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes.push_back(text[i]);
      continue;
    }
    // The parser has checked that this is UTF-8; U+0080 to U+00FF begin with C2 or C3.
    if (lead > 0xC3) return std::nullopt;
    const auto next = static_cast<unsigned char>(text[++i]);
    bytes.push_back(static_cast<char>((lead & 0x03) << 6 | (next & 0x3F)));
  }
  return bytes;
}

}  // namespace

Json to_json_text(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text.push_back(c);
    } else {
      text.push_back(static_cast<char>(0xC0 | byte >> 6));
      text.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return text;
}

Fields::Fields(const Json& object, std::string name) : m_object(object), m_name(std::move(name)) {
  if (!object.is_object()) throw std::invalid_argument(m_name + " is no object");
}

Fields Fields::object(const char* key) const {
  return {at(key), m_name + "." + key};
}

std::string Fields::text(const char* key) const {
  auto bytes = bytes_of(at(key));
  if (!bytes) refuse(key, "is no text");
  return *std::move(bytes);
}

std::filesystem::path Fields::path(const char* key) const {
  return text(key);
}

std::vector<std::string> Fields::texts(const char* key) const {
  const auto& list = at(key);
  if (!list.is_array()) refuse(key, "is no list");
  std::vector<std::string> texts;
  for (const auto& item : list) {
    auto bytes = bytes_of(item);
    if (!bytes) refuse(key, "has what is no text");
    texts.push_back(*std::move(bytes));
  }
  return texts;
}

bool Fields::flag(const char* key) const {
  const auto& value = at(key);
  if (!value.is_boolean()) refuse(key, "is neither true nor false");
  return value.get<bool>();
}

std::uint64_t Fields::size(const char* key) const {
  const auto& value = at(key);
  if (!value.is_number_unsigned()) refuse(key, "is no size");
  return value.get<std::uint64_t>();
}

std::optional<std::uint64_t> Fields::optional_size(const char* key) const {
  return has(key) ? std::optional(size(key)) : std::nullopt;
}

std::uint32_t Fields::count(const char* key) const {
  const auto value = size(key);
  if (value > std::numeric_limits<std::uint32_t>::max()) refuse(key, "is too large");
  return static_cast<std::uint32_t>(value);
}

std::int64_t Fields::integer(const char* key) const {
  const auto& value = at(key);
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > k_max))
    refuse(key, "is no whole number");
  return value.get<std::int64_t>();
}

const Json& Fields::at(const char* key) const {
  const auto member = m_object.find(key);
  if (member == m_object.end()) refuse(key, "is missing");
  return *member;
}

void Fields::refuse(const char* key, const char* why) const {
  throw std::invalid_argument(m_name + "." + key + " " + why);
}

}  // namespace concd::worker
