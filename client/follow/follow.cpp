#include "client/follow/follow.hpp"

#include "client/follow/follower.hpp"
#include "client/output/report.hpp"

namespace concd::client {

int follow(const Context& context, std::vector<FollowedRequest> requests) {
  const auto& arguments = context.arguments;
  Report report({arguments.json, arguments.quiet}, context.console, requests, context.clock);
  Follower follower({arguments.socket, !arguments.no_block, arguments.cancel_on_interrupt, arguments.timeout},
                    requests, report, context.clock);
  return follower.run();
}

}  // namespace concd::client
