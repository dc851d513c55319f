#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "publish/folder_sync.hpp"
#include "publish/publisher.hpp"

// The steps of a publication, for publish threads: they block on the disk.
namespace concd::publish {

/// Verifies the partial file, sets its attributes and syncs its bytes. Nothing: it may be put in place.
/// Otherwise how the publication ended; `stopped` when `stop` became true while it was being read.
[[nodiscard]] std::optional<Result> make_ready(const Publication& publication, FolderSync& folders,
                                               const std::atomic<bool>& stop) noexcept;

/// Of a file that stays in its place: puts the copy that others get in place, if there is to be one, and
/// answers as place_file() does. Once `stop` is true nothing more is copied.
void place_copy(const Publication& publication, FolderSync& folders, const std::atomic<bool>& stop,
                const std::function<void(const Result& result)>& answer) noexcept;

/// Renames the file to its destination and answers once the folder is synced. The answer comes in this thread
/// or in one of `folders`; the publication must live until then.
void place_file(const Publication& publication, FolderSync& folders,
                const std::function<void(const Result& result)>& answer) noexcept;

}  // namespace concd::publish
