#include "client/commands/calls.hpp"

namespace concd::client {

int retry(const Context& context) {
  return change_each_job(context, "Retry");
}

}  // namespace concd::client
