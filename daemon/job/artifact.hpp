#pragma once

#include <cstdint>
#include <string>

#include "job/checkpoint.hpp"
#include "job/file_stamp.hpp"
#include "util/clock.hpp"

namespace concd::job {

/// A published file of the library: what is needed to say whether it is fresh and to revalidate it.
struct Artifact {
  std::string name;  ///< the catalog NAME
  std::string url;   ///< where it came from; may hold secrets
  Validators validators;
  std::uint64_t size = 0;     ///< bytes of the file that was fetched
  std::string digest;         ///< "ALGORITHM:HEX" that was verified; empty: none was expected
  Microseconds fetched_at{};  ///< realtime of the last fetch or revalidation
  FileStamp stamp{};          ///< of what was published, when it was
};

}  // namespace concd::job
