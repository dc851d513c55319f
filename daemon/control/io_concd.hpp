#pragma once

#include "control/backend.hpp"
#include "control/method_table.hpp"

namespace concd::control {

/// The service that concd is: every method of io.concd. The backend outlives the table.
[[nodiscard]] MethodTable io_concd_methods(Backend& backend);

}  // namespace concd::control
