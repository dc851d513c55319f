#include "client/output/language.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "util/file.hpp"

namespace concd::client {
namespace {

constexpr std::uint32_t k_magic = 0x950412de;
constexpr std::size_t k_count_at = 8, k_sentences_at = 12, k_translations_at = 16, k_header = 28;
constexpr std::size_t k_entry = 8;

/// What is spoken; the one piece of state that a function called `_` cannot do without.
std::optional<Messages>& spoken() {
  static std::optional<Messages> messages;
  return messages;
}

bool is_english(std::string_view language) {
  return language == "C" || language == "POSIX" || language == "en" || language.starts_with("en_");
}

/// "es_MX.UTF-8@euro" without the codeset and modifier; nothing when the codeset is not the one spoken here.
std::optional<std::string> plain_language(std::string_view locale) {
  locale = locale.substr(0, locale.find('@'));
  const auto dot = locale.find('.');
  if (dot != std::string_view::npos) {
    const auto codeset = locale.substr(dot + 1);
    if (codeset != "UTF-8" && codeset != "utf8" && codeset != "UTF8" && codeset != "utf-8")
      return std::nullopt;
  }
  const auto language = locale.substr(0, dot);
  // "_MX" as well names none.
  if (language.empty() || language.front() == '_' || language.find('/') != std::string_view::npos)
    return std::nullopt;
  return std::string(language);
}

std::string_view value(const std::function<const char*(const char*)>& variable, const char* name) {
  const auto* text = variable(name);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

std::optional<Messages> Messages::load(const std::filesystem::path& file) {
  try {
    return parse(read_text(file, 4 << 20));
  } catch (const std::system_error&) {
    return std::nullopt;  // not an error: English is spoken then
  }
}

std::optional<Messages> Messages::parse(std::string bytes) {
  Messages messages(std::move(bytes));
  return messages.sound() ? std::optional(std::move(messages)) : std::nullopt;
}

std::uint32_t Messages::number(std::size_t offset) const {
  std::uint32_t value = 0;
  std::memcpy(&value, m_bytes.data() + offset, sizeof value);
  return value;
}

bool Messages::sound() const {
  const auto size = m_bytes.size();
  if (size < k_header || number(0) != k_magic) return false;
  const std::size_t count = number(k_count_at);
  if (count > size / k_entry) return false;
  for (const auto table : {k_sentences_at, k_translations_at}) {
    const std::size_t first = number(table);
    if (first > size || count * k_entry > size - first) return false;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t length = number(first + i * k_entry), offset = number(first + i * k_entry + 4);
      if (offset >= size || length >= size - offset || m_bytes[offset + length] != '\0') return false;
    }
  }
  return true;
}

std::string_view Messages::entry(std::size_t table, std::uint32_t index) const {
  const auto at = number(table) + index * k_entry;
  return {m_bytes.data() + number(at + 4), number(at)};
}

const char* Messages::find(std::string_view sentence) const {
  std::uint32_t begin = 0, end = number(k_count_at);
  while (begin < end) {
    const auto middle = begin + (end - begin) / 2;
    const auto order = entry(k_sentences_at, middle).compare(sentence);
    if (order == 0) {
      const auto* found = entry(k_translations_at, middle).data();
      return *found == '\0' ? nullptr : found;
    }
    (order < 0 ? begin : end) = order < 0 ? middle + 1 : middle;
  }
  return nullptr;
}

std::vector<std::string> wanted_languages(const std::function<const char*(const char*)>& variable) {
  std::string_view locale;
  for (const auto* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (locale = value(variable, name); !locale.empty()) break;
  const auto base = plain_language(locale);
  if (!base || *base == "C" || *base == "POSIX") return {};

  std::string list(value(variable, "LANGUAGE"));
  if (list.empty()) list = *base;
  std::vector<std::string> languages;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto end = std::min(list.find(':', begin), list.size());
    const auto language = plain_language(std::string_view(list).substr(begin, end - begin));
    begin = end + 1;
    if (!language) continue;
    if (is_english(*language)) break;
    languages.push_back(*language);
    if (const auto country = language->find('_'); country != std::string::npos)
      languages.push_back(language->substr(0, country));
  }
  return languages;
}

// gettext(3) stays silent unless locale-gen(8) has made the very locale, which a bare Debian has not; the
// message files are read here so that the language follows LANG there, too.
void speak_language_of_environment(const std::filesystem::path& folder) {
  spoken().reset();
  for (const auto& language : wanted_languages([](const char* name) { return std::getenv(name); })) {
    spoken() = Messages::load(folder / language / "LC_MESSAGES" / "concctl.mo");
    if (spoken()) return;
  }
}

const char* _(const char* sentence) {
  const auto* translated = spoken() ? spoken()->find(sentence) : nullptr;
  return translated == nullptr ? sentence : translated;
}

}  // namespace concd::client
