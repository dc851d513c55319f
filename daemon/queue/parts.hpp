#pragma once

#include "job/executor.hpp"
#include "library/state_folder.hpp"
#include "queue/callers_files.hpp"
#include "queue/record.hpp"

namespace concd::queue {

/// The partial files of attempts: each attempt is handed the one that an earlier attempt left, if it can be
/// continued, and an empty one for a start from 0. So what is recorded of one version of a file is never
/// taken for a record of another version's bytes, whatever a crash left of both. The first one may be a
/// caller's own file; once what is recorded of that counts no more, it is not used again. Main thread.
class Parts {
 public:
  /// Borrows both.
  Parts(const library::StateFolder& folder, const CallersFiles& files) : m_folder(folder), m_files(files) {}

  /// Opens both for the attempt that begins. A checkpoint whose file is gone is forgotten. Throws
  /// std::system_error.
  void open(Record& record) const;
  /// The file that holds what the attempt has delivered.
  [[nodiscard]] static job::SharedFd delivered(const Record& record);
  /// Whether what the checkpoint names is a caller's own file, which stays where it is.
  [[nodiscard]] static bool is_in_place(const job::Transfer& transfer);
  /// Removes the partial files of the attempt that has ended but for the one that the checkpoint names.
  void keep_only(const Record& record, std::uint32_t part) const;
  /// Removes what the checkpoint names.
  void remove(const job::Transfer& transfer) const;

 private:
  [[nodiscard]] job::SharedFd open_kept(const job::Transfer& transfer) const;
  void open_fresh(Record& record) const;
  void drop(const job::Transfer& transfer, std::uint32_t part) const;

  const library::StateFolder& m_folder;
  const CallersFiles& m_files;
};

}  // namespace concd::queue
