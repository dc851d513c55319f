#include "client/commands/calls.hpp"

namespace concd::client {

int cancel(const Context& context) {
  return change_each_job(context, "Cancel");
}

}  // namespace concd::client
