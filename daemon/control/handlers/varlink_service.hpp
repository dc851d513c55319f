#pragma once

#include "control/method_table.hpp"

namespace concd::control {

// The handlers of org.varlink.service, https://varlink.org/Service.
void get_info(const CallPtr& call);
void get_interface_description(const CallPtr& call);

}  // namespace concd::control
