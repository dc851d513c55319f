#include "client/commands/calls.hpp"

namespace concd::client {

int pause(const Context& context) {
  return change_each_job(context, "Pause");
}

}  // namespace concd::client
