#pragma once

#include <cstddef>

namespace concd::test {

/// The next operator new for exactly this many bytes throws std::bad_alloc, on whatever thread it is; once.
/// Not inside shared libraries: libstdc++'s std::string does not notice.
void fail_allocation_of(std::size_t bytes);

}  // namespace concd::test
