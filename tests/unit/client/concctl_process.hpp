#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/temporary_folder.hpp"

namespace concd::test {

/// How a concctl ended.
struct Ended {
  int code = -1;  ///< the exit code, or 128 + the signal that killed it
  std::string out, err;
};

/// The real concctl, run in `home` of a folder with its socket at `socket` and the user's `state` there, in
/// English.
class ConcctlProcess {
 public:
  /// `out` is where stdout goes; empty: to a file that wait() reads.
  ConcctlProcess(const TemporaryFolder& folder, std::vector<std::string> arguments,
                 std::filesystem::path out = {});
  ConcctlProcess(const ConcctlProcess&) = delete;
  ConcctlProcess& operator=(const ConcctlProcess&) = delete;
  ~ConcctlProcess();

  void signal(int number) const;
  /// Blocks until the process has received the signal that was sent to it.
  void wait_until_taken(int number) const;
  Ended wait();

 private:
  std::filesystem::path m_out, m_err;
  pid_t m_pid = -1;
};

}  // namespace concd::test
