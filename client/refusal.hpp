#pragma once

#include <string>

#include "protocol/error.hpp"

namespace concd::client {

/// One sentence for an error that the daemon replied: what is wrong and, where there is one, the way out.
[[nodiscard]] std::string describe(const protocol::WireError& error);

}  // namespace concd::client
