#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "job/digest.hpp"
#include "job/executor_kind.hpp"
#include "job/id.hpp"
#include "job/priority.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// What the command line says, checked as far as it can be without the daemon.
struct Arguments {
  std::string verb;
  std::vector<std::string> sources;  ///< of download
  std::vector<std::string> mirrors;  ///< of the one URL of download
  std::vector<job::Id> ids;          ///< of the verbs that take jobs; each once, in the order given
  std::filesystem::path socket;
  bool json = false;
  bool quiet = false;
  bool no_block = false;
  bool force = false;
  bool cancel_on_interrupt = false;
  bool all = false;
  std::optional<std::filesystem::path> output;  ///< as given
  job::ExecutorKind executor = job::ExecutorKind::automatic;
  job::Priority priority = job::Priority::normal;  ///< of download; what the verb priority is to set
  std::optional<job::Digest> digest;
  std::optional<Microseconds> timeout;
};

/// The program is to end at once: after --help and --version, or because the command line is wrong.
struct Leave {
  int code = 0;
  std::string text;  ///< for stdout when code is 0, else for stderr
};

/// Reads the command line; an error names the argument and says what would be right.
[[nodiscard]] tl::expected<Arguments, Leave> parse_command_line(int count, const char* const* words);

}  // namespace concd::client
