#include "engine/received.hpp"

#include <utility>

namespace concd::engine {

Received::Received(job::SharedFd fd, job::Checkpoint checkpoint, std::uint64_t offset)
    : m_checkpoint(std::move(checkpoint)),
      m_continued(m_checkpoint.durable()),
      m_from(offset),
      m_received(offset),
      m_written(offset),
      m_file(std::make_shared<PartFile>(std::move(fd), m_checkpoint.part, m_continued)) {}

Received Received::anew(job::SharedFd fd, job::Checkpoint checkpoint,
                        const std::optional<job::Digest>& expected) {
  checkpoint.extents.clear();
  Received received(std::move(fd), std::move(checkpoint), 0);
  if (expected) received.m_digest.emplace(expected->algorithm);
  return received;
}

Received Received::onward(job::SharedFd fd, job::Checkpoint checkpoint, std::uint64_t offset) {
  Received received(std::move(fd), std::move(checkpoint), offset);
  received.m_file->shorten(received.m_continued);
  return received;
}

void Received::write(std::string_view data) {
  if (m_space) m_space->reach(*m_file, m_written + data.size());
  m_file->write(m_written, data);
  if (m_digest) m_digest->update(data);
  m_written += data.size();
}

job::Checkpoint Received::checkpoint() const {
  auto checkpoint = m_checkpoint;
  checkpoint.set_durable(m_file->synced());
  return checkpoint;
}

job::Checkpoint Received::size_only() const {
  job::Checkpoint checkpoint;
  checkpoint.total = m_checkpoint.total;
  return checkpoint;
}

std::string Received::finish_digest() {
  return m_digest ? m_digest->finish() : std::string();
}

}  // namespace concd::engine
