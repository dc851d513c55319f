#include "engine/segment.hpp"

#include <utility>

namespace concd::engine {

Segment::Segment(Owner& owner, Staging& staging, FileSource& source, std::uint64_t begin, std::uint64_t end)
    : m_owner(owner),
      m_staging(staging),
      m_source(source),
      m_begin(begin),
      m_position(begin),
      m_written(begin),
      m_end(end) {}

bool Segment::lengthen(std::uint64_t end) {
  if (m_over || m_announced < end) return false;
  m_end = end;
  return true;
}

bool Segment::accept(const Answer& answer) {
  m_begin = m_position = m_written = answer.offset;
  m_announced = m_end == k_unknown ? answer.total.value_or(k_unknown) : m_end;
  m_end = m_announced;
  return m_owner.answered(*this, answer);
}

bool Segment::write(std::string_view data) {
  if (m_over) return false;
  // What follows is somebody else's.
  const bool filled = m_end < m_announced && data.size() >= m_end - m_position;
  if (filled) data = data.substr(0, m_end - m_position);
  if (!m_owner.came(*this, data.size())) return false;
  m_position += data.size();
  m_staging.append(*this, data);
  return !filled;
}

void Segment::flush(std::string_view data) noexcept {
  m_owner.write(m_written, data);
  m_written += data.size();
}

void Segment::end(std::optional<job::Failure> failure) {
  if (std::exchange(m_over, true)) return;
  // The origin may only complain that the rest was refused.
  if (m_end < m_announced && m_position == m_end) failure.reset();
  m_owner.ended(*this, std::move(failure));
}

}  // namespace concd::engine
