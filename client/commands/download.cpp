#include <system_error>

#include "client/commands/calls.hpp"
#include "client/delivery/destination.hpp"
#include "client/delivery/new_file.hpp"
#include "client/follow/follow.hpp"
#include "client/output/printable.hpp"
#include "util/descriptor_limit.hpp"
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

FollowedRequest request_for(const Arguments& arguments, const std::string& source) {
  FollowedRequest followed;
  followed.argument = source;
  followed.force = arguments.force;
  followed.output = output_for(arguments, source);
  auto& request = followed.download.emplace();
  request.source = source;
  request.executor = arguments.executor;
  request.priority = arguments.priority;
  request.mirrors = arguments.mirrors;
  request.digest = arguments.digest;
  // A URL's file is always fetched; force is about names that are fresh.
  request.force = arguments.force && !looks_like_url(source);
  request.token = random_hex(16);
  if (!followed.output) return followed;
  check_folder_of(*followed.output);
  // A path is bytes, and JSON would change some: then nothing is remembered for a later wait.
  if (is_utf8(followed.output->native())) request.output = followed.output->native();
  return followed;
}

}  // namespace

int download(const Context& context) {
  raise_descriptor_limit();
  std::vector<FollowedRequest> requests;
  try {
    for (const auto& source : context.arguments.sources)
      requests.push_back(request_for(context.arguments, source));
  } catch (const std::system_error& error) {
    return complain_of_place(context, error.what());
  }
  for (const auto& request : requests)
    if (request.output && is_special(*request.output))
      return complain_of_place(context, request.output->string() + ": " + special_text());
  return follow(context, std::move(requests));
}

}  // namespace concd::client
