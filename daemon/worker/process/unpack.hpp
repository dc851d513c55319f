#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "job/failure.hpp"

namespace concd::worker {

/// What an archive may grow to: beyond it, it is taken for a bomb.
struct UnpackLimits {
  std::uint64_t bytes = 0;    ///< of all files together, holes included
  std::uint64_t entries = 0;  ///< files, folders and links
};

/// Bytes that an archive may hold: k_expansion times its own size, and k_allowance.
inline constexpr std::uint64_t k_expansion = 100;
inline constexpr std::uint64_t k_allowance = 1ULL << 30;

/// The limits for an archive of `size` bytes.
[[nodiscard]] UnpackLimits unpack_limits(std::uint64_t size);

/// Extracts an archive (tar, also with gzip, xz, zstd or bzip2; zip) into `folder`, which must not exist, and
/// syncs it, syncfs(2). Files are 0644, or 0755 where their owner may execute them, folders 0755; owners,
/// ACLs and attributes are dropped. Refused as a whole (verification): what is no archive or is cut off,
/// paths that are absolute or hold "..", links that lead out of the folder, anything but files, folders and
/// links, and what is beyond the limits. Nothing means all went well; after a failure there is no folder.
/// Blocks; changes the process's working directory while it runs, so only one at a time in a process.
[[nodiscard]] std::optional<job::Failure> unpack(const std::filesystem::path& archive,
                                                 const std::filesystem::path& folder);
/// The same with limits of the caller's.
[[nodiscard]] std::optional<job::Failure> unpack_within(const UnpackLimits& limits,
                                                        const std::filesystem::path& archive,
                                                        const std::filesystem::path& folder);

}  // namespace concd::worker
