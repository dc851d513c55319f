#pragma once

#include <exception>
#include <utility>

#include <sys/types.h>

#include "control/backend.hpp"
#include "job/job.hpp"

namespace concd::queue {

template <typename Refusal>
[[nodiscard]] tl::unexpected<control::Refusal> refuse(Refusal refusal) {
  return tl::unexpected<control::Refusal>(std::move(refusal));
}

/// What a caller is told when the store could not write or read.
[[nodiscard]] control::StoreFailed store_failed(const std::exception_ptr& error);

/// A job belongs to who asked for it; root and the daemon's own user may do all.
[[nodiscard]] bool may_change(const job::Peer& peer, const job::Job& job);
[[nodiscard]] control::NotPermitted not_yours(const job::Job& job);

}  // namespace concd::queue
