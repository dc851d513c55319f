#pragma once

#include <vector>

#include "client/commands/calls.hpp"
#include "client/follow/request.hpp"

namespace concd::client {

/// Follows the requests of download and wait as the command line wants it. Returns the exit code.
int follow(const Context& context, std::vector<FollowedRequest> requests);

}  // namespace concd::client
