#pragma once

#include <vector>

#include "client/commands/commands.hpp"
#include "client/follow/errand.hpp"

namespace concd::client {

/// Follows the errands of download and wait as the command line wants it. Returns the exit code.
int follow(const Context& context, std::vector<Errand> errands);

}  // namespace concd::client
