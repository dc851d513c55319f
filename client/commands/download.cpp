#include <system_error>

#include "client/commands/commands.hpp"
#include "client/delivery/destination.hpp"
#include "client/delivery/new_file.hpp"
#include "client/follow/follow.hpp"
#include "client/output/printable.hpp"
#include "util/url.hpp"

namespace concd::client {
namespace {

/// Where the caller wants its copy; nothing for a name without --output, which stays in the library.
std::optional<std::filesystem::path> output_for(const Arguments& arguments, const std::string& source) {
  const bool url = looks_like_url(source);
  const auto name = url ? url_file_name(source) : std::filesystem::path(source).filename().string();
  if (arguments.output) return resolve_output(*arguments.output, name);
  return url ? std::optional(std::filesystem::current_path() / name) : std::nullopt;
}

Errand errand_for(const Arguments& arguments, const std::string& source) {
  Errand errand;
  errand.argument = source;
  errand.force = arguments.force;
  errand.output = output_for(arguments, source);
  auto& request = errand.download.emplace();
  request.source = source;
  request.executor = arguments.executor;
  request.digest = arguments.digest;
  // A URL's file is always fetched; force is about names that are fresh.
  request.force = arguments.force && !looks_like_url(source);
  request.token = random_hex(16);
  if (!errand.output) return errand;
  check_folder_of(*errand.output);
  // A path is bytes, and JSON would change some: then nothing is remembered for a later wait.
  if (is_utf8(errand.output->native())) request.output = errand.output->native();
  return errand;
}

}  // namespace

int download(const Context& context) {
  std::vector<Errand> errands;
  try {
    for (const auto& source : context.arguments.sources)
      errands.push_back(errand_for(context.arguments, source));
  } catch (const std::system_error& error) {
    return complain_of_place(context, error.what());
  }
  for (const auto& errand : errands)
    if (errand.output && is_special(*errand.output))
      return complain_of_place(context, errand.output->string() + ": " + special_text());
  return follow(context, std::move(errands));
}

}  // namespace concd::client
