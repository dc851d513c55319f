#pragma once

#include <atomic>
#include <filesystem>
#include <optional>

#include "publish/publisher.hpp"

namespace concd::publish {

/// Whether the open file or folder is the one that `name` leads to, a symbolic link not being followed.
/// Throws std::system_error.
[[nodiscard]] bool is_linked(int fd, const std::filesystem::path& name);

/// Checks that the partial file is what its executor says and what is expected: a regular file under its
/// name, of the right size and digest. Blocks: reads the file where the digest was not made before. Nothing
/// when all is right; else `failed` of kind verification, or `stopped` when `stop` became true meanwhile.
/// Throws std::system_error.
[[nodiscard]] std::optional<Result> verify(const Publication& publication, const std::atomic<bool>& stop);

/// The stamp of the file if it still has the digest. Nothing also when it cannot be read, is written to
/// meanwhile, or `stop` became true. Blocks: reads the file.
[[nodiscard]] std::optional<job::FileStamp> still_whole(const Doubt& doubt,
                                                        const std::atomic<bool>& stop) noexcept;

}  // namespace concd::publish
