#include "engine/segments.hpp"

#include <algorithm>
#include <utility>

#include "engine/division.hpp"
#include "engine/failure_of.hpp"
#include "engine/make_origin.hpp"
#include "util/url.hpp"

namespace concd::engine {

using job::Failure;
using job::FailureKind;
using job::RetryClass;

Segments::Segments(Owner& owner, Parts parts)
    : m_owner(owner), m_parts(std::move(parts)), m_seat(m_parts.hosts, url_host(m_parts.task.url)) {}

void Segments::begin(const ResumePlan& plan, Microseconds now) {
  m_began = m_now = now;
  open(plan, Segment::k_unknown);
}

void Segments::open(const ResumePlan& plan, std::uint64_t end) {
  Segment::Owner& owner = *this;
  auto& segment =
      *m_segments.emplace_back(std::make_unique<Segment>(owner, m_parts.staging, plan.offset, end));
  auto origin = make_origin(m_parts.task, m_parts.settings, plan, m_now, m_parts.multi, segment);
  if (origin)
    segment.set_origin(std::move(*origin));
  else
    segment.end(std::move(origin.error()));
}

void Segments::divide(const Received& received) {
  m_received = &received;
  m_part.total = received.total();
  m_part.validators = received.validators();
  m_part.if_range = m_part.validators.etag.empty() ? m_part.validators.last_modified : m_part.validators.etag;
  if (const auto gap = first_gap(received.written(), *received.total()))
    m_segments.front()->shorten(gap->end());
}

HostConnections::Limits Segments::limits() const {
  return {m_parts.settings.connections, m_parts.settings.connections_total};
}

bool Segments::is_whole() const {
  return covered(m_received->written()) >= *m_received->total();
}

std::size_t Segments::working() const {
  const auto works = [](const auto& segment) { return segment->is_proven() && !segment->is_over(); };
  return static_cast<std::size_t>(std::ranges::count_if(m_segments, works));
}

std::optional<Microseconds> Segments::due() const {
  if (m_untended) return Microseconds{};
  auto due = m_growth ? std::optional(m_growth->due()) : std::nullopt;
  for (const auto& segment : m_segments) {
    const auto next = segment->origin() ? segment->origin()->due() : std::nullopt;
    if (next && (!due || *next < *due)) due = next;
  }
  return due;
}

void Segments::advance(Microseconds now) {
  m_now = now;
  for (const auto& segment : m_segments) {
    auto* const origin = segment->is_over() ? nullptr : segment->origin();
    const auto due = origin != nullptr ? origin->due() : std::nullopt;
    if (due && *due <= now) origin->advance(now);
  }
  if (m_untended || (m_growth && now >= m_growth->due())) tend();
}

bool Segments::answered(Segment&, const Answer& answer) {
  // All that a part's answer may say has been compared with what was asked for.
  return m_received != nullptr || m_owner.answered(answer);
}

bool Segments::came(Segment& segment, std::uint64_t bytes) {
  if (!segment.is_proven()) m_untended = true;
  return m_owner.came(segment, bytes);
}

void Segments::write(std::uint64_t offset, std::string_view data) noexcept {
  m_owner.take(offset, data);
}

void Segments::ended(Segment& segment, std::optional<Failure> failure) {
  m_parts.staging.flush();
  m_untended = true;
  if (m_received == nullptr) return m_owner.finished(std::move(failure));
  if (!failure && segment.position() < segment.end())
    failure = Failure{FailureKind::network, RetryClass::retry,
                      server_name(m_parts.task.url) + " closed the connection before the end"};
  if (!failure && is_whole()) return m_owner.finished(std::nullopt);
  if (!failure) return;
  lost(segment);
  const auto is_over = [](const auto& each) { return each->is_over(); };
  if (std::ranges::all_of(m_segments, is_over)) m_owner.finished(std::move(failure));
}

void Segments::lost(const Segment& segment) {
  if (segment.is_proven()) return;
  m_seat.refused(working(), limits(), m_now);
  for (const auto& other : m_segments)
    if (other->end() == segment.begin() && other->lengthen(segment.end())) return;
}

void Segments::close(std::size_t index) {
  if (const auto* const origin = m_segments[index]->origin()) {
    m_contacted |= origin->contacted();
    m_met_public |= origin->met_public();
  }
  m_segments.erase(m_segments.begin() + static_cast<std::ptrdiff_t>(index));
}

void Segments::clear() {
  const auto is_needless = [this](const Segment& segment) {
    if (segment.is_over()) return true;
    if (m_received == nullptr || is_whole() || segment.position() == segment.end()) return false;
    return covers(m_received->written(), {segment.position(), segment.end() - segment.position()});
  };
  for (auto index = m_segments.size(); index-- > 0;)
    if (is_needless(*m_segments[index])) close(index);
}

void Segments::tend() {
  m_untended = false;
  // What is written is all that has come, and nothing more is to come from those that are closed.
  m_parts.staging.flush();
  clear();
  if (m_received == nullptr) return;
  for (const auto& segment : m_segments) segment->measure(m_now);
  grow();
  while (m_segments.size() > target()) close(m_segments.size() - 1);
  // One at a time: a host that refuses it is not asked for more.
  if (m_segments.size() < target() && working() == m_segments.size()) open_piece();
  (void)m_seat.occupy(m_segments.size(), limits());
}

void Segments::grow() {
  if (!m_growth && working() > 0) m_growth.emplace().begin(m_now, m_received->fetched(), m_now - m_began);
  if (!m_growth) return;
  Growth::Sight sight{m_now, m_received->fetched(), *m_received->total() - covered(m_received->written()),
                      working(), m_seat.ceiling(limits(), m_now)};
  m_growth->look(sight);
}

void Segments::open_piece() {
  std::vector<Share> shares;
  for (const auto& segment : m_segments) shares.push_back(segment->share());
  const auto piece = next_piece(m_received->written(), *m_received->total(), shares);
  if (!piece || !m_seat.occupy(m_segments.size() + 1, limits())) return;
  if (piece->taken_from) m_segments[*piece->taken_from]->shorten(piece->range.offset);
  auto plan = m_part;
  plan.offset = piece->range.offset;
  plan.last = piece->range.end() - 1;
  open(plan, piece->range.end());
}

bool Segments::contacted() const {
  const auto contacted = [](const auto& each) { return each->origin() && each->origin()->contacted(); };
  return m_contacted || std::ranges::any_of(m_segments, contacted);
}

bool Segments::met_public() const {
  const auto met_public = [](const auto& each) { return each->origin() && each->origin()->met_public(); };
  return m_met_public || std::ranges::any_of(m_segments, met_public);
}

}  // namespace concd::engine
