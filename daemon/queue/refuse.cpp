#include "queue/refuse.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

namespace concd::queue {

control::StoreFailed store_failed(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return {exception.what()};
  }
}

bool may_change(const job::Peer& peer, const job::Job& job) {
  return peer.uid == 0 || peer.uid == ::geteuid() || peer.uid == job.peer.uid;
}

control::NotPermitted not_yours(const job::Job& job) {
  return {fmt::format("job {} belongs to the user with uid {}", job.id, job.peer.uid)};
}

}  // namespace concd::queue
