#pragma once

#include <deque>
#include <map>

#include <sys/types.h>

#include "store/queries.hpp"

namespace concd::queue {

/// The jobs that were answered at once with what the library has, and have no row: the last ones of each
/// user, until the daemon ends. Main thread.
class Answered {
 public:
  void put(const store::StoredJob& stored);
  /// Null when it is none of these, or none any more.
  [[nodiscard]] const store::StoredJob* find(job::Id id) const;

 private:
  std::map<job::Id, store::StoredJob> m_jobs;
  std::map<uid_t, std::deque<job::Id>> m_of_user;  ///< oldest first
};

}  // namespace concd::queue
