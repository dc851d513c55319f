#pragma once

#include "job/executor.hpp"
#include "library/state_folder.hpp"
#include "queue/record.hpp"

namespace concd::queue {

/// The partial files of attempts: each attempt is handed the one that an earlier attempt left, if it can be
/// continued, and an empty one for a start from 0. So what is recorded of one version of a file is never
/// taken for a record of another version's bytes, whatever a crash left of both. Main thread.
class Parts {
 public:
  explicit Parts(const library::StateFolder& folder) : m_folder(folder) {}

  /// Opens both for the attempt that begins. A checkpoint whose file is gone is forgotten. Throws
  /// std::system_error.
  void open(Record& record) const;
  /// The file that holds what the attempt has delivered.
  [[nodiscard]] static job::SharedFd delivered(const Record& record);
  /// Removes the partial files of the attempt that has ended but for the one that the checkpoint names.
  void keep_only(const Record& record, std::uint32_t part) const;
  /// Removes what the checkpoint names.
  void remove(const job::Transfer& transfer) const;

 private:
  const library::StateFolder& m_folder;
};

}  // namespace concd::queue
