#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

namespace concd::client {

/// The sentences of one language: a compiled message file of GNU gettext, "The Format of GNU MO Files" of its
/// manual.
class Messages {
 public:
  /// Nothing when the file is missing or not a sound message file.
  [[nodiscard]] static std::optional<Messages> load(const std::filesystem::path& file);
  /// Nothing when `bytes` is not a sound message file.
  [[nodiscard]] static std::optional<Messages> parse(std::string bytes);
  /// The translation; null when there is none. Lives as long as this object.
  [[nodiscard]] const char* find(std::string_view sentence) const;

 private:
  explicit Messages(std::string bytes) : m_bytes(std::move(bytes)) {}
  [[nodiscard]] bool sound() const;
  [[nodiscard]] std::uint32_t number(std::size_t offset) const;
  /// Entry `index` of the table whose offset stands at byte `table` of the header.
  [[nodiscard]] std::string_view entry(std::size_t table, std::uint32_t index) const;

  std::string m_bytes;
};

/// The languages that the environment asks for, best first, e.g. "es_MX", "es"; ends before English, which
/// the sentences are in. Reads LANGUAGE, LC_ALL, LC_MESSAGES and LANG as gettext(3) does.
[[nodiscard]] std::vector<std::string> wanted_languages(
    const std::function<const char*(const char*)>& variable);

/// Picks the language of this process by its environment, from FOLDER/LANGUAGE/LC_MESSAGES/concctl.mo;
/// English where there is none. Call before any thread; what _() has returned is gone.
void speak_language_of_environment(const std::filesystem::path& folder);

/// The sentence in the language of the person; the sentence itself when there is no translation.
[[nodiscard]] const char* _(const char* sentence);

/// The sentence in the language of the person, with {0}, {1} … filled in.
template <typename... Arguments>
[[nodiscard]] std::string phrase(const char* translated, const Arguments&... arguments) {
  return fmt::format(fmt::runtime(translated), arguments...);
}

}  // namespace concd::client
