#pragma once

#include <cstdint>

#include <sys/types.h>

#include "job/id.hpp"

namespace concd::job {

/// A file that a caller has opened and handed over to be fetched into. It is the first partial file of its
/// transfer, and of no other one.
struct CallersFile {
  /// Checkpoint::part of what is in it; the partial files of the state folder have higher numbers.
  static constexpr std::uint32_t k_part = 1;

  Id job = 0;  ///< whose caller it was; 0: there is no such file
  uid_t uid = 0;
  std::uint64_t inode = 0;  ///< stat(2)

  [[nodiscard]] explicit operator bool() const { return job != 0; }
  bool operator==(const CallersFile&) const = default;
};

}  // namespace concd::job
