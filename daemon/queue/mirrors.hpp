#pragma once

#include <vector>

#include "job/executor.hpp"
#include "job/transfer.hpp"

namespace concd::queue {

/// Where an attempt may get parts of the file besides the transfer's URL of now, in the order in which they
/// would be tried. None after a file that was not the expected one: nobody knows whose part of it was wrong.
[[nodiscard]] std::vector<job::Mirror> mirrors_of(const job::Transfer& transfer);

}  // namespace concd::queue
