#pragma once

#include <filesystem>
#include <variant>

#include "config/config.hpp"

namespace concd {

/// concd's options, concd(8).
struct CommandLine {
  std::filesystem::path config = config::k_default_file;
  bool foreground = false;
  bool check_config = false;
  bool recover = false;
};

/// Reads the options. Where there is nothing left to do (--help, --version, a mistake) it has printed what
/// was due and gives the exit status, EX_USAGE for a mistake, sysexits.h(3head).
[[nodiscard]] std::variant<CommandLine, int> parse_command_line(int argc, char** argv);

}  // namespace concd
