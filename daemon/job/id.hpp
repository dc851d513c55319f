#pragma once

#include <cstdint>

namespace concd::job {

/// A job's number: from 1, rising, never used again, SQLite's AUTOINCREMENT.
using Id = std::int64_t;

}  // namespace concd::job
