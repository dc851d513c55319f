#include "engine/received.hpp"

#include <utility>

namespace concd::engine {

Received::Received(job::SharedFd fd, job::Checkpoint checkpoint)
    : m_checkpoint(std::move(checkpoint)),
      m_continued(m_checkpoint.extents),
      m_written(m_continued),
      m_file(std::make_shared<PartFile>(std::move(fd), m_checkpoint.part, m_written)) {}

Received Received::anew(job::SharedFd fd, job::Checkpoint checkpoint,
                        const std::optional<job::Digest>& expected) {
  checkpoint.extents.clear();
  Received received(std::move(fd), std::move(checkpoint));
  if (expected) received.m_digest.emplace(expected->algorithm);
  return received;
}

Received Received::onward(job::SharedFd fd, job::Checkpoint checkpoint) {
  Received received(std::move(fd), std::move(checkpoint));
  received.m_file->shorten(end_of(received.m_written));
  return received;
}

void Received::write(std::uint64_t offset, std::string_view data) {
  if (m_space) m_space->reach(*m_file, {offset, data.size()});
  m_file->write(offset, data);
  if (m_digest && offset == m_digested) {
    m_digest->update(data);
    m_digested += data.size();
  }
  add(m_written, {offset, data.size()});
}

job::Checkpoint Received::checkpoint() const {
  auto checkpoint = m_checkpoint;
  checkpoint.extents = m_file->synced();
  return checkpoint;
}

job::Checkpoint Received::size_only() const {
  job::Checkpoint checkpoint;
  checkpoint.total = m_checkpoint.total;
  return checkpoint;
}

std::string Received::finish_digest() {
  return m_digest && m_digested == covered(m_written) ? m_digest->finish() : std::string();
}

}  // namespace concd::engine
