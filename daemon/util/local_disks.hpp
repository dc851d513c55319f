#pragma once

#include <set>

#include <sys/types.h>

#include "util/unique_fd.hpp"

namespace concd {

/// The disks of this machine that are mounted: a call on a file of them waits for no server and no process.
/// Of what else a descriptor may lead to, such as FUSE and NFS, even fstatfs(2) and close(2) can last for
/// ever; this asks about the descriptor what no file system is asked for. One thread.
class LocalDisks {
 public:
  LocalDisks();

  /// Whether the descriptor leads to a file of one of them.
  [[nodiscard]] bool have(int fd);

 private:
  void read();

  UniqueFd m_mounts;  ///< /proc/self/mountinfo, which poll(2) says has changed
  std::set<dev_t> m_devices;
};

}  // namespace concd
