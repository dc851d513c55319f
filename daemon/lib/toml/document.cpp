#include "lib/toml/document.hpp"

#include <spdlog/fmt/fmt.h>

#include "lib/toml/source.hpp"

namespace concd::toml {

Document Document::load(const std::filesystem::path& file, Trust trust) {
  return parse(read_trusted_file(file, trust), file);
}

Document Document::parse(std::string_view text, const std::filesystem::path& file) {
  try {
    return Document(std::make_shared<const Source>(Source{file, ::toml::parse(text)}));
  } catch (const ::toml::parse_error& error) {
    const auto& begin = error.source().begin;
    throw ConfigError(
        fmt::format("{}:{}:{}: {}", file.string(), begin.line, begin.column, error.description()));
  }
}

}  // namespace concd::toml
