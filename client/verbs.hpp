#pragma once

#include <string_view>
#include <vector>

namespace concd::client {

struct Context;

/// The arguments of a verb that are not options.
enum class Operands {
  none,
  sources,          ///< SOURCE...
  jobs,             ///< ID..., of jobs in any state
  unfinished_jobs,  ///< ID..., of jobs that have not ended
  level_of_jobs,    ///< LEVEL ID..., a priority for jobs that have not ended
};

/// The options of a verb besides those that all have.
enum class OptionSet {
  general,   ///< none besides
  list,      ///< --all
  waiting,   ///< of one that waits for jobs and brings their files
  download,  ///< those of waiting, and how to download
};

/// A verb of concctl(1).
struct Verb {
  const char* name;
  const char* help;  ///< one line in the language of the person
  Operands operands;
  OptionSet options;
  int (*run)(const Context&);  ///< returns the exit code; throws as the calls of commands/calls.hpp do
};

/// The one table of verbs: the command line, --help and the completion come from it. In the order of --help.
[[nodiscard]] std::vector<Verb> verbs();

}  // namespace concd::client
