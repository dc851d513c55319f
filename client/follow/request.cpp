#include "client/follow/request.hpp"

#include "client/output/printable.hpp"
#include "util/url.hpp"

namespace concd::client {
namespace {

/// What was asked for: of a job that was only given by its number, as the daemon tells it.
const std::string& source_of(const FollowedRequest& request) {
  return !request.download && request.job ? request.job->source : request.argument;
}

}  // namespace

std::string label_of(const FollowedRequest& request) {
  const auto& source = source_of(request);
  return printable(looks_like_url(source) ? url_file_name(source) : source);
}

std::string title_of(const FollowedRequest& request) {
  const auto& source = source_of(request);
  return printable(looks_like_url(source) ? redact_url(source) : source);
}

}  // namespace concd::client
