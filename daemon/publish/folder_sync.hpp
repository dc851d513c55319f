#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "job/failure.hpp"
#include "util/file.hpp"
#include "util/synchronized.hpp"
#include "util/thread_pool.hpp"

namespace concd::publish {

/// Makes the names in folders durable, fsync(2): one sync serves all who asked before it began, and nobody is
/// served by one that began before he asked. Has threads of its own, so that whoever waits for a sync does
/// not keep it from beginning. Any thread.
class FolderSync {
 public:
  using Sync = std::function<void(const std::filesystem::path& folder)>;
  /// Nothing: synced. Must neither throw nor take long: others wait behind it.
  using Served = std::function<void(const std::optional<job::Failure>& failure)>;

  /// `sync` puts one folder on the disk or throws.
  explicit FolderSync(Sync sync = sync_folder) : m_sync(std::move(sync)) {}

  /// Does not block. `served` comes once, in a thread of this object; or never when that is destroyed first.
  void sync(const std::filesystem::path& folder, Served served);
  /// Waits until the folder is synced. Nothing, or why it could not be.
  [[nodiscard]] std::optional<job::Failure> sync(const std::filesystem::path& folder);

 private:
  void sync_once(const std::filesystem::path& folder);

  static constexpr std::size_t k_max_threads = 4;  ///< more than there are folders that files go to

  Sync m_sync;
  /// Whom the next sync of a folder serves. A folder is in it while a sync of it is due or under way.
  Synchronized<std::map<std::filesystem::path, std::vector<Served>>> m_waiting;
  ThreadPool m_threads{"folder-sync", k_max_threads};
};

}  // namespace concd::publish
