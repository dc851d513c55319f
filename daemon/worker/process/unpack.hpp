#pragma once

#include <functional>
#include <optional>

#include "job/failure.hpp"
#include "worker/unpack_limits.hpp"

namespace concd::worker {

/// Extracts an archive (tar, also with gzip, xz, zstd or bzip2; zip), read from 0, into an empty folder.
/// Files are 0644, or 0755 where their owner may execute them, folders 0755; owners, ACLs and attributes are
/// dropped. Refused as a whole (verification): what cannot be read or is cut off, paths that are absolute or
/// hold "..", symbolic links that lead out of the folder, hard links to anything but a file of the archive,
/// anything but files, folders and links, and what is beyond the limits. Nothing means all went well; after a
/// failure the folder holds what was extracted so far. Syncs nothing. Blocks, and calls `moving` often while
/// it goes on; the folder becomes the process's working directory.
[[nodiscard]] std::optional<job::Failure> unpack(int archive, int folder, const UnpackLimits& limits,
                                                 const std::function<void()>& moving);

}  // namespace concd::worker
