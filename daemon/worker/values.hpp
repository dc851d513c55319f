#pragma once

#include "job/executor.hpp"
#include "worker/descriptors.hpp"
#include "worker/json.hpp"
#include "worker/messages.hpp"

/// The values of messages as JSON, for messages.cpp only. Reading throws std::invalid_argument.
namespace concd::worker {

/// The most ranges that a checkpoint has: far more than an attempt has connections.
inline constexpr std::size_t k_max_extents = 1024;
/// URLs of a file besides the one of the task: what a catalog entry may have.
inline constexpr std::size_t k_max_mirrors = 64;
/// Bytes of an ETag, a date or a failure's message: what is longer would not fit into a server's header.
inline constexpr std::size_t k_max_text = 64 << 10;

[[nodiscard]] Json to_json(const job::Task& task);
[[nodiscard]] Json to_json(const Unpack& unpack);
[[nodiscard]] Json to_json(const job::Progress& progress);
[[nodiscard]] Json to_json(const job::Checkpoint& checkpoint);
[[nodiscard]] Json to_json(const job::Outcome& outcome);
[[nodiscard]] Json to_json(const Unpacked& unpacked);

[[nodiscard]] job::Task task_from(const Fields& fields, ReceivedDescriptors& descriptors);
/// The member "sandbox".
[[nodiscard]] SandboxPolicy sandbox_policy_from(const Fields& fields);
[[nodiscard]] Unpack unpack_from(const Fields& fields, ReceivedDescriptors& descriptors);
[[nodiscard]] job::Progress progress_from(const Fields& fields);
[[nodiscard]] job::Checkpoint checkpoint_from(const Fields& fields);
[[nodiscard]] job::Outcome outcome_from(const Fields& fields);
[[nodiscard]] Unpacked unpacked_from(const Fields& fields);

}  // namespace concd::worker
