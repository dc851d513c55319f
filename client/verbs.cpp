#include "client/verbs.hpp"

#include "client/output/language.hpp"

namespace concd::client {

// Each is in the file of its name in commands/.
int cancel(const Context& context);
int catalog(const Context& context);
int download(const Context& context);
int list(const Context& context);
int monitor(const Context& context);
int pause(const Context& context);
int priority(const Context& context);
int resume(const Context& context);
int retry(const Context& context);
int show(const Context& context);
int status(const Context& context);
int version(const Context& context);
int wait(const Context& context);

std::vector<Verb> verbs() {
  using enum Operands;
  using OptionSet::general, OptionSet::waiting;
  return {
      {"download", _("Download URLs and names of the catalog"), sources, OptionSet::download, download},
      {"wait", _("Wait for jobs and fetch their files"), jobs, waiting, wait},
      {"list", _("List the unfinished jobs"), none, OptionSet::list, list},
      {"show", _("Show everything about jobs"), jobs, general, show},
      {"cancel", _("End jobs and forget what was fetched"), unfinished_jobs, general, cancel},
      {"pause", _("Stop jobs and keep what was fetched"), unfinished_jobs, general, pause},
      {"resume", _("Let paused jobs go on"), unfinished_jobs, general, resume},
      {"retry", _("Start failed or cancelled jobs again; let waiting ones go on now"), jobs, general, retry},
      {"priority", _("Change which jobs run first"), level_of_jobs, general, priority},
      {"status", _("Show how concd is doing"), none, general, status},
      {"catalog", _("List the names that can be downloaded"), none, general, catalog},
      {"monitor", _("Print what happens to all jobs, until ^C"), none, general, monitor},
      {"version", _("Print the versions of concctl and concd"), none, general, version},
  };
}

}  // namespace concd::client
