#include "client/follow/follow.hpp"

#include "client/follow/follower.hpp"
#include "client/output/report.hpp"

namespace concd::client {

int follow(const Context& context, std::vector<Errand> errands) {
  const auto& arguments = context.arguments;
  Report report({arguments.json, arguments.quiet}, context.console, errands, context.clock);
  Follower follower({arguments.socket, !arguments.no_block, arguments.cancel_on_interrupt, arguments.timeout},
                    errands, report, context.clock);
  return follower.run();
}

}  // namespace concd::client
