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

control::Answer<job::SharedFd> usable_file(CallersFiles& files, ReceivedFd file, const job::Peer& peer) {
  if (!file) return nullptr;
  auto usable = files.look_over(std::move(file), peer.uid);
  if (usable) return std::move(*usable);
  if (usable.error() == CallersFiles::Objection::declined) return nullptr;
  return refuse(control::InvalidFile{
      "it is no regular file of the caller's own, opened for reading and writing without O_APPEND and "
      "O_DIRECT"});
}

control::NotPermitted not_yours(const job::Job& job) {
  return {fmt::format("job {} belongs to another user", job.id)};
}

}  // namespace concd::queue
