#pragma once

#include <string>
#include <vector>

#include "client/delivery/records.hpp"
#include "concctl_process.hpp"
#include "fake_daemon.hpp"

namespace concd::test {

/// A daemon that knows nothing yet, and the folder that its clients run in.
struct ClientCase {
  TemporaryFolder folder;
  std::filesystem::path home = folder.path() / "home";
  FakeDaemon daemon{folder.path() / "socket"};

  ClientCase() { daemon.start(); }
  /// The user once meant the job's file to go to `output`.
  void remember(const job::View& job, const std::filesystem::path& output) const {
    client::Records(folder.path() / "state/concd").remember(job, {output});
  }
  /// Runs concctl to its end.
  Ended run(const std::vector<std::string>& arguments) { return ConcctlProcess(folder, arguments).wait(); }
};

/// How often `part` is in `text`.
inline std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace concd::test
