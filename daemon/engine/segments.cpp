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

namespace {

void heed(const Segment& segment) {
  if (const auto* const origin = segment.origin()) segment.source().heed(*origin);
}

}  // namespace

Segments::Segments(Owner& owner, Parts parts)
    : m_owner(owner), m_parts(std::move(parts)), m_sources(m_parts.task, m_parts.hosts) {}

void Segments::begin(const ResumePlan& plan, Microseconds now) {
  m_began = m_now = now;
  open(m_sources.first(), plan, Segment::k_unknown);
}

void Segments::open(FileSource& source, const ResumePlan& plan, std::uint64_t end) {
  Segment::Owner& owner = *this;
  auto& segment =
      *m_segments.emplace_back(std::make_unique<Segment>(owner, m_parts.staging, source, plan.offset, end));
  auto origin = make_origin(source.task, m_parts.settings, plan, m_now, m_parts.multi, segment);
  if (origin)
    segment.set_origin(std::move(*origin));
  else
    segment.end(std::move(origin.error()));
}

void Segments::divide(const Received& received, const job::Validators& common) {
  m_received = &received;
  m_sources.divide(*received.total(), received.validators(), common);
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
                      server_name(segment.source().task.url) + " closed the connection before the end"};
  if (!failure && is_whole()) return m_owner.finished(std::nullopt);
  if (!failure) return;
  lost(segment, *failure);
  if (is_at_end(segment)) m_owner.finished(std::move(failure));
}

bool Segments::is_at_end(const Segment& last) {
  if (!std::ranges::all_of(m_segments, [](const auto& each) { return each->is_over(); })) return false;
  // It is tried again at once by others only.
  return m_sources.next(limits(), m_now, &last.source()) == nullptr;
}

void Segments::count_connections() {
  m_sources.reset_counts();
  for (const auto& segment : m_segments) {
    if (segment->is_over()) continue;
    ++segment->source().active;
    if (segment->is_proven()) ++segment->source().working;
  }
}

void Segments::lost(const Segment& segment, const Failure& failure) {
  count_connections();
  if (segment.is_proven()) return;
  m_sources.refused(segment.source(), failure.message, limits(), m_now);
  for (const auto& other : m_segments)
    if (other->end() == segment.begin() && other->lengthen(segment.end())) return;
}

void Segments::close(std::size_t index) {
  look_at(*m_segments[index], m_seen);
  heed(*m_segments[index]);
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
  (void)m_sources.first().seat.occupy(m_segments.size(), limits());
}

void Segments::grow() {
  if (!m_growth && working() > 0) m_growth.emplace().begin(m_now, m_received->fetched(), m_now - m_began);
  if (!m_growth) return;
  Growth::Sight sight{m_now, m_received->fetched(), *m_received->total() - covered(m_received->written()),
                      working(), m_sources.ceiling(limits(), m_now)};
  m_growth->look(sight);
}

void Segments::open_piece() {
  std::vector<Share> shares;
  for (const auto& segment : m_segments) {
    shares.push_back(segment->share());
    heed(*segment);
  }
  const auto piece = next_piece(m_received->written(), *m_received->total(), shares);
  count_connections();
  auto* const source = m_sources.next(limits(), m_now);
  if (!piece || source == nullptr || !m_sources.first().seat.occupy(m_segments.size() + 1, limits())) return;
  if (piece->taken_from) m_segments[*piece->taken_from]->shorten(piece->range.offset);
  auto plan = source->part;
  plan.offset = piece->range.offset;
  plan.last = piece->range.end() - 1;
  open(*source, plan, piece->range.end());
}

void Segments::look_at(const Segment& segment, Seen& seen) const {
  const auto* const origin = segment.origin();
  const bool is_first = &segment.source() == &m_sources.first();
  seen.contacted |= origin != nullptr && origin->contacted();
  seen.met_public |= is_first && origin != nullptr && origin->met_public();
  seen.on_trust |= !is_first && segment.is_proven() && segment.source().part.if_range.empty();
}

Segments::Seen Segments::seen() const {
  auto seen = m_seen;
  for (const auto& segment : m_segments) look_at(*segment, seen);
  return seen;
}

}  // namespace concd::engine
