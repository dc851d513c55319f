#include "client/commands/commands.hpp"

namespace concd::client {

int pause(const Context& context) {
  return change_each_job(context, "Pause");
}

}  // namespace concd::client
