#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace concd::job {

/// What a transfer waits for.
enum class WaitKind {
  slot,            ///< a place among all transfers, or among the worker processes
  host_slot,       ///< a place among the transfers from its host
  user_slot,       ///< a place among the transfers of its user
  host_backoff,    ///< its host could not be connected to a moment ago and is left alone by all
  offline,         ///< the machine has no route to the origin, or no name service
  disk_space,      ///< bytes on the disk
  local_resource,  ///< descriptors, memory, processes or a writable folder of this machine
  retry,           ///< the delay before the next try
  callers_file,    ///< its caller, who alone can open the file again that it is fetched into
};

/// "slot", "host_slot", …
[[nodiscard]] std::string_view to_string(WaitKind kind);
[[nodiscard]] std::optional<WaitKind> wait_kind_from_string(std::string_view text);

/// Why a transfer does not run, with the figures that a person needs. A value: prose is made of it by who
/// shows it. What does not belong to the kind is empty or 0.
struct WaitCause {
  WaitKind kind = WaitKind::retry;
  std::string limit;          ///< the key of concd.toml(5) that holds it back, "queue.active"; slot kinds
  std::uint32_t running = 0;  ///< transfers that take the places; slot kinds
  std::string host;           ///< "HOST:PORT"; host_slot, host_backoff
  std::uint64_t needed = 0;   ///< bytes that must be free before it goes on; disk_space
  std::uint64_t free = 0;     ///< bytes that are free; disk_space
  std::string
      message;  ///< the failure that it waits after, one sentence; offline, disk_space, local_resource, retry

  bool operator==(const WaitCause&) const = default;
};

}  // namespace concd::job
