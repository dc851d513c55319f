#pragma once

#include "control/backend.hpp"
#include "control/method_table.hpp"

// One verb of io.concd a function and a file. The backend outlives the handlers.
namespace concd::control::handlers {

[[nodiscard]] Handler download(Backend& backend);
[[nodiscard]] Handler wait(Backend& backend);
[[nodiscard]] Handler list(Backend& backend);
[[nodiscard]] Handler get(Backend& backend);
[[nodiscard]] Handler cancel(Backend& backend);
[[nodiscard]] Handler pause(Backend& backend);
[[nodiscard]] Handler resume(Backend& backend);
[[nodiscard]] Handler retry(Backend& backend);
[[nodiscard]] Handler status(Backend& backend);
[[nodiscard]] Handler catalog(Backend& backend);
[[nodiscard]] Handler monitor();
[[nodiscard]] Handler open_result(Backend& backend);
[[nodiscard]] Handler release(Backend& backend);

}  // namespace concd::control::handlers
