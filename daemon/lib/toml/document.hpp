#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "lib/toml/table_reader.hpp"
#include "lib/toml/trusted_file.hpp"

namespace concd::toml {

/// A mistake in a file that a person wrote: "FILE:LINE:COLUMN: what is wrong; how to mend it".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One parsed file. A value; readers keep what they need of it alive.
class Document {
 public:
  /// Reads the file, of at most 1 MiB. It and its folder must belong to whom `trust` says, and nobody else
  /// may write them; a symlink's target counts. A link to /dev/null is an empty file, as for systemd. Throws
  /// ConfigError.
  [[nodiscard]] static Document load(const std::filesystem::path& file, Trust trust);
  /// Parses `text`; `file` is its name in errors. Throws ConfigError.
  [[nodiscard]] static Document parse(std::string_view text, const std::filesystem::path& file);

  /// The top of the file.
  [[nodiscard]] TableReader root() const;

 private:
  explicit Document(std::shared_ptr<const Source> source) : m_source(std::move(source)) {}
  std::shared_ptr<const Source> m_source;
};

}  // namespace concd::toml
