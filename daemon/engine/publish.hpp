#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "engine/part_file.hpp"
#include "engine/settings.hpp"
#include "job/executor.hpp"

namespace concd::engine {

/// A whole file that is to become visible.
struct Publication {
  PartFile& file;
  const job::Task& task;
  std::uint64_t size;  ///< bytes in the file
  Microseconds mtime;  ///< the server's, µs since the epoch; 0: not told
  std::string digest;  ///< in hex, where it was made on the fly; else empty
  bool validated;      ///< no bytes in it were continued on trust in the expected digest alone
  const job::Checkpoint&
      checkpoint;  ///< what is known of the bytes, to keep them if they cannot be published
  const Settings::Unpack& unpack;
  const std::atomic<bool>& stop;
};

/// Verifies, syncs and renames to the destination, or unpacks into it; then syncs the folder. Blocks on the
/// disk. The outcome's kind, failure, checkpoint and size are filled in: `published`, `failed`, or `stopped`
/// when `stop` became true while the file was being read. When the partial file is no longer of use it is
/// deleted. Never throws.
[[nodiscard]] job::Outcome publish(const Publication& publication) noexcept;

/// Syncs a partial file of `size` bytes that shall be continued later. Returns the checkpoint with that many
/// bytes durable, or deletes the file and returns an empty one when it cannot be trusted. Never throws.
[[nodiscard]] job::Checkpoint keep(PartFile& file, job::Checkpoint checkpoint, std::uint64_t size) noexcept;

}  // namespace concd::engine
