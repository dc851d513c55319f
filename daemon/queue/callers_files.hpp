#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include <sys/types.h>
#include <tl/expected.hpp>

#include "job/callers_file.hpp"
#include "job/executor.hpp"
#include "job/transfer.hpp"
#include "util/local_disks.hpp"
#include "util/received_fd.hpp"

namespace concd::queue {

/// Where descriptors outlive the daemon, sd_pid_notify_with_fds(3).
class DescriptorStore {
 public:
  virtual ~DescriptorStore() = default;
  virtual void keep(job::Id job, int fd) = 0;
  virtual void drop(job::Id job) = 0;
};

/// The files that callers have handed over to be fetched into, each for as long as its transfer is there.
/// Main thread.
class CallersFiles {
 public:
  enum class Objection {
    unusable,  ///< not a regular file of the user's own, opened read-write, without O_APPEND and O_DIRECT
    declined,  ///< usable, but on no disk of this machine, or the user has too many
  };

  void attach(DescriptorStore& store) { m_store = &store; }
  /// Files of one user; of all users together they are half as many as the process may have open.
  void set_limit(std::size_t per_user);

  /// Whether the file may be fetched into for the user.
  [[nodiscard]] tl::expected<job::SharedFd, Objection> look_over(ReceivedFd file, uid_t uid);
  /// Holds a file that was looked over. Returns what is written down of it.
  job::CallersFile hold(job::Id job, uid_t uid, job::SharedFd file);
  /// One of an earlier life, or of a caller who has come back: it is held if it is the file that was written
  /// down, with all the bytes that were.
  bool hold_again(const job::Transfer& transfer, job::SharedFd file);
  /// Null when it is not here any more.
  [[nodiscard]] job::SharedFd find(const job::CallersFile& known) const;
  /// What was fetched into it is worth a restart: it is to outlive the daemon.
  void keep(const job::CallersFile& known);
  /// It outlived the daemon for nothing.
  void drop(job::Id job) { m_store->drop(job); }
  void release(const job::CallersFile& known);

 private:
  struct Held {
    job::SharedFd file;
    bool kept = false;
  };
  void put(const job::CallersFile& known, job::SharedFd file);

  LocalDisks m_disks;
  std::size_t m_limit_per_user = 0, m_limit = 0;
  DescriptorStore* m_store = nullptr;
  std::map<job::Id, Held> m_held;
  std::map<uid_t, std::size_t> m_of_user;
};

}  // namespace concd::queue
