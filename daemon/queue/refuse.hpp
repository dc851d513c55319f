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

[[nodiscard]] control::NotPermitted not_yours(const job::Job& job);

}  // namespace concd::queue
