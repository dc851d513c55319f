#include "client/program.hpp"

#include <algorithm>
#include <system_error>

#include <unistd.h>

#include "client/command_line.hpp"
#include "client/commands/calls.hpp"
#include "client/connection.hpp"
#include "client/exit_code.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/report.hpp"
#include "client/verbs.hpp"
#include "util/file.hpp"

namespace concd::client {
namespace {

int run_verb(const Context& context) {
  const auto table = verbs();
  return std::ranges::find(table, context.arguments.verb, &Verb::name)->run(context);
}

int leave(const Leave& leave, Console& console) {
  if (leave.code == exit_code::k_complete)
    write_all(STDOUT_FILENO, leave.text.data(), leave.text.size(), _("write the output"));
  else
    console.say("concctl: " + leave.text);
  return leave.code;
}

int run_guarded(int count, const char* const* words, Console& console) {
  const auto arguments = parse_command_line(count, words);
  if (!arguments) return leave(arguments.error(), console);
  const SystemClock clock;
  const Context context{*arguments, console, clock};
  try {
    return run_verb(context);
  } catch (const CannotConnect& error) {
    complain(context, error.describe());
    return exit_code::of_connect_error(error.code().value());
  } catch (const ConnectionLost& error) {
    complain(context, error.what());
    return exit_code::k_no_daemon;
  }
}

}  // namespace

int run(int count, const char* const* words) {
  Console console(STDERR_FILENO);
  try {
    return run_guarded(count, words, console);
  } catch (const std::system_error& error) {
    console.say("concctl: " + printable(error.what()));
    return exit_code::k_file;
  } catch (const std::exception& error) {
    console.say("concctl: " + printable(error.what()));
    return exit_code::k_other;
  }
}

}  // namespace concd::client
