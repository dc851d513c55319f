#include <system_error>

#include "client/commands/commands.hpp"
#include "client/delivery/destination.hpp"
#include "client/exit_code.hpp"
#include "client/follow/follow.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"

namespace concd::client {

int wait(const Context& context) {
  const auto& arguments = context.arguments;
  std::vector<Errand> errands;
  for (const auto id : arguments.ids) {
    auto& errand = errands.emplace_back();
    errand.argument = fmt::format("{}", id);
    errand.id = id;
    errand.force = arguments.force;
    // Into a folder the file goes by its own name, which the daemon tells in the end.
    if (arguments.output) errand.output = std::filesystem::absolute(*arguments.output);
  }
  try {
    if (arguments.output) check_folder_of(resolve_output(*arguments.output, "file"));
  } catch (const std::system_error& error) {
    complain(context, phrase(_("cannot write there: {0}"), printable(error.what())));
    return exit_code::k_file;
  }
  if (arguments.output && is_special(*arguments.output))
    return complain_of_special(context, *arguments.output);
  return follow(context, std::move(errands));
}

}  // namespace concd::client
