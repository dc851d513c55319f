#include <system_error>

#include <spdlog/fmt/fmt.h>

#include "client/commands/calls.hpp"
#include "client/delivery/destination.hpp"
#include "client/follow/follow.hpp"

namespace concd::client {

int wait(const Context& context) {
  const auto& arguments = context.arguments;
  std::vector<FollowedRequest> requests;
  for (const auto id : arguments.ids) {
    auto& request = requests.emplace_back();
    request.argument = fmt::format("{}", id);
    request.id = id;
    request.force = arguments.force;
    // Into a folder the file goes by its own name, which the daemon tells in the end.
    if (arguments.output) request.output = std::filesystem::absolute(*arguments.output);
  }
  try {
    if (arguments.output) check_folder_of(resolve_output(*arguments.output, "file"));
  } catch (const std::system_error& error) {
    return complain_of_place(context, error.what());
  }
  if (arguments.output && is_special(*arguments.output))
    return complain_of_place(context, arguments.output->string() + ": " + special_text());
  return follow(context, std::move(requests));
}

}  // namespace concd::client
