#include "queue/refuse.hpp"

#include <spdlog/fmt/fmt.h>

namespace concd::queue {

control::StoreFailed store_failed(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return {exception.what()};
  }
}

control::NotPermitted not_yours(const job::Job& job) {
  return {fmt::format("job {} belongs to another user", job.id)};
}

}  // namespace concd::queue
