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

bool is_length(const Json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() <= Fields::k_max_length;
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
  if (!object.is_object()) throw std::invalid_argument(m_name + " is not an object");
}

Fields Fields::object(const char* key) const {
  return {at(key), m_name + "." + key};
}

std::vector<Fields> Fields::objects(const char* key, std::size_t max) const {
  const auto& list = at(key);
  if (!list.is_array()) refuse(key, "is not a list");
  if (list.size() > max) refuse(key, "is too long");
  std::vector<Fields> objects;
  for (const auto& each : list) objects.emplace_back(each, m_name + "." + key);
  return objects;
}

std::string Fields::text(const char* key, std::size_t max) const {
  auto bytes = bytes_of(at(key));
  if (!bytes) refuse(key, "is not a text");
  if (bytes->size() > max) refuse(key, "is too long");
  return *std::move(bytes);
}

std::filesystem::path Fields::path(const char* key) const {
  return text(key);
}

std::vector<std::string> Fields::texts(const char* key) const {
  const auto& list = at(key);
  if (!list.is_array()) refuse(key, "is not a list");
  std::vector<std::string> texts;
  for (const auto& item : list) {
    auto bytes = bytes_of(item);
    if (!bytes) refuse(key, "holds something else than texts");
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
  if (!value.is_number_unsigned()) refuse(key, "is not a size");
  return value.get<std::uint64_t>();
}

std::optional<std::uint64_t> Fields::optional_size(const char* key) const {
  return has(key) ? std::optional(size(key)) : std::nullopt;
}

std::uint64_t Fields::length(const char* key) const {
  const auto value = size(key);
  if (value > k_max_length) refuse(key, "is too large");
  return value;
}

std::optional<std::uint64_t> Fields::optional_length(const char* key) const {
  return has(key) ? std::optional(length(key)) : std::nullopt;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> Fields::ranges(const char* key, std::size_t max) const {
  const auto& list = at(key);
  if (!list.is_array()) refuse(key, "is not a list");
  if (list.size() > max) refuse(key, "is too long");
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const auto& item : list) {
    const bool pair = item.is_array() && item.size() == 2;
    if (!pair || !is_length(item[0]) || !is_length(item[1])) refuse(key, "holds something else than ranges");
    ranges.emplace_back(item[0].get<std::uint64_t>(), item[1].get<std::uint64_t>());
  }
  return ranges;
}

std::uint32_t Fields::count(const char* key) const {
  const auto value = size(key);
  if (value > std::numeric_limits<std::uint32_t>::max()) refuse(key, "is too large");
  return static_cast<std::uint32_t>(value);
}

std::int64_t Fields::integer(const char* key) const {
  const auto& value = at(key);
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > k_max_length))
    refuse(key, "is not a whole number");
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
