#include "client/commands/calls.hpp"

namespace concd::client {

int resume(const Context& context) {
  return change_each_job(context, "Resume");
}

}  // namespace concd::client
