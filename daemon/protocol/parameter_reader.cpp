#include "protocol/parameter_reader.hpp"

#include <algorithm>

namespace concd::protocol {

ParameterReader::ParameterReader(const nlohmann::json& object, Unknown unknown)
    : m_object(object), m_unknown(unknown) {}

std::optional<std::string> ParameterReader::optional_text(std::string_view name, std::size_t limit) {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  const auto* text = found->get_ptr<const std::string*>();
  if (text == nullptr || text->size() > limit || text->find('\0') != std::string::npos) {
    invalid(name);
    return std::nullopt;
  }
  return *text;
}

std::string ParameterReader::text(std::string_view name, std::size_t limit) {
  if (find(name) == nullptr) invalid(name);
  return optional_text(name, limit).value_or("");
}

std::optional<std::int64_t> ParameterReader::optional_integer(std::string_view name, std::int64_t least,
                                                              std::int64_t most) {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  // What nlohmann calls unsigned is any integer that was written without a sign.
  const auto* beyond = found->get_ptr<const std::uint64_t*>();
  const bool fits = beyond == nullptr || *beyond <= static_cast<std::uint64_t>(k_max);
  if (!found->is_number_integer() || !fits) {
    invalid(name);
    return std::nullopt;
  }
  const auto value = found->get<std::int64_t>();
  if (value < least || value > most) {
    invalid(name);
    return std::nullopt;
  }
  return value;
}

std::int64_t ParameterReader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  if (find(name) == nullptr) invalid(name);
  return optional_integer(name, least, most).value_or(0);
}

bool ParameterReader::boolean_or(std::string_view name, bool absent) {
  const auto* found = find(name);
  if (found == nullptr) return absent;
  if (!found->is_boolean()) {
    invalid(name);
    return absent;
  }
  return found->get<bool>();
}

bool ParameterReader::boolean(std::string_view name) {
  if (find(name) == nullptr) invalid(name);
  return boolean_or(name, false);
}

const nlohmann::json* ParameterReader::object(std::string_view name) {
  const auto* found = find(name);
  return found != nullptr && found->is_object() ? found : nullptr;
}

void ParameterReader::invalid(std::string_view name, bool unknown_word) {
  if (!m_invalid) m_invalid = {std::string(name), unknown_word};
}

const nlohmann::json* ParameterReader::find(std::string_view name) {
  m_asked.push_back(name);
  const auto found = m_object.find(name);
  return found == m_object.end() || found->is_null() ? nullptr : &*found;
}

void ParameterReader::check_unknown() {
  if (m_unknown == Unknown::ignored || m_invalid) return;
  for (const auto& [name, value] : m_object.items())
    if (std::ranges::find(m_asked, name) == m_asked.end()) return invalid(name);
}

}  // namespace concd::protocol
