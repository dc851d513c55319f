#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace concd::toml {

/// A mistake in a file that a person wrote: "FILE:LINE:COLUMN: what is wrong; how to mend it".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace concd::toml
