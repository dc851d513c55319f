#include "client/commands/commands.hpp"

namespace concd::client {

int cancel(const Context& context) {
  return change_each_job(context, "Cancel");
}

}  // namespace concd::client
