#pragma once

#include <exception>

#include "publish/folder_sync.hpp"
#include "publish/publisher.hpp"

// The partial file of a publication. Each of these blocks on the disk and names operation and file in errors.
namespace concd::publish {

/// Sets mode and, where it is told, the time of change. Throws std::system_error.
void set_attributes(const Publication& publication);

/// Puts the bytes on the disk, fsync(2). After an error nothing of the file may be kept: what is on the disk
/// is unknown, and asking again proves nothing. Throws std::system_error.
void sync_part(const Publication& publication);

/// Syncs bytes and name of a whole file that cannot be published now. Whether it is still there under its
/// name; one that cannot be synced is deleted.
[[nodiscard]] bool keep_part(const Publication& publication, FolderSync& folders) noexcept;

/// Deletes the name; what cannot be deleted is found at the next start.
void remove_part(const Publication& publication) noexcept;

/// `failed`, with the partial file kept or deleted.
[[nodiscard]] Result failed_and_kept(const Publication& publication, job::Failure failure,
                                     FolderSync& folders) noexcept;
[[nodiscard]] Result failed_and_removed(const Publication& publication, job::Failure failure) noexcept;
/// `stopped`, with the partial file kept.
[[nodiscard]] Result stopped_and_kept(const Publication& publication, FolderSync& folders) noexcept;

}  // namespace concd::publish
