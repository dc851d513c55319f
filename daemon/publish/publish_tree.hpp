#pragma once

#include <atomic>
#include <filesystem>

#include "publish/folder_sync.hpp"
#include "publish/publisher.hpp"

// The steps after make_ready() for an archive, for publish threads: they block on the disk.
namespace concd::publish {

/// Makes the empty folder that the archive is unpacked to, in place of what an earlier try left there, and
/// opens it. Throws std::system_error.
[[nodiscard]] job::SharedFd make_unpack_folder(const Publication& publication);

/// Checks and syncs what was unpacked to `folder`, puts it at the destination in one step, syncs the name and
/// removes what was there before, and the archive. `stop` is heeded until the rename.
[[nodiscard]] Result place_tree(const Publication& publication, const job::SharedFd& folder,
                                FolderSync& folders, const std::atomic<bool>& stop) noexcept;

/// Ends a publication whose archive could not be unpacked: removes what was, and the archive too unless this
/// machine is to blame.
[[nodiscard]] Result unpacking_failed(const Publication& publication, job::Failure failure,
                                      FolderSync& folders) noexcept;
/// The same for one that was stopped: the archive is kept.
[[nodiscard]] Result unpacking_stopped(const Publication& publication, FolderSync& folders) noexcept;

}  // namespace concd::publish
