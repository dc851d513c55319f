#pragma once

#include <exception>
#include <utility>

#include <sys/types.h>

#include "control/backend.hpp"
#include "job/job.hpp"
#include "queue/callers_files.hpp"

namespace concd::queue {

template <typename Refusal>
[[nodiscard]] tl::unexpected<control::Refusal> refuse(Refusal refusal) {
  return tl::unexpected<control::Refusal>(std::move(refusal));
}

/// What a caller is told when the store could not write or read.
[[nodiscard]] control::StoreFailed store_failed(const std::exception_ptr& error);

/// The file that a caller hands over. Null: there is none, or what goes there is better fetched elsewhere and
/// copied by the caller.
[[nodiscard]] control::Answer<job::SharedFd> usable_file(CallersFiles& files, ReceivedFd file,
                                                         const job::Peer& peer);

[[nodiscard]] control::NotPermitted not_yours(const job::Job& job);

}  // namespace concd::queue
