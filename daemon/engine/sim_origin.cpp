#include "engine/sim_origin.hpp"

#include <numeric>
#include <utility>

namespace concd::engine {
namespace {

// Each piece is a line; the text never changes, so neither does its tag.
constexpr auto k_etag = "\"sim-1\"";

}  // namespace

SimOrigin::SimOrigin(const std::string& url, ResumePlan plan, job::Validators published, Microseconds now,
                     Sink& sink)
    : m_name(url.substr(url.find(':') + 1)),
      m_plan(std::move(plan)),
      m_published(std::move(published)),
      m_sink(sink),
      m_pieces(pieces(m_name)),
      m_due(now) {}

std::vector<std::string> SimOrigin::pieces(const std::string& name) {
  std::vector<std::string> result{"Contenido de " + name + "\n"};
  for (std::size_t line = 2; line <= k_pieces; ++line)
    result.push_back(name + ", línea " + std::to_string(line) + " de " + std::to_string(k_pieces) + "\n");
  return result;
}

Answer SimOrigin::answer() const {
  Answer answer;
  answer.validators.etag = answer.resumable.etag = k_etag;
  answer.unchanged = m_plan.offset == 0 && m_published.etag == k_etag;
  answer.total = std::accumulate(m_pieces.begin(), m_pieces.end(), std::uint64_t{0},
                                 [](auto sum, const auto& piece) { return sum + piece.size(); });
  if (m_plan.if_range == k_etag && m_plan.offset < *answer.total) answer.offset = m_plan.offset;
  return answer;
}

void SimOrigin::begin() {
  if (m_name.empty()) {
    return m_sink.end(
        job::Failure{job::FailureKind::other, job::RetryClass::none, "sim: needs a name after it"});
  }
  const auto head = answer();
  if (!m_sink.accept(head) || head.unchanged) return m_sink.end(std::nullopt);
  m_skip = head.offset;
  while (m_skip >= m_pieces[m_next].size()) m_skip -= m_pieces[m_next++].size();
  m_due += k_interval;
}

void SimOrigin::advance(Microseconds now) {
  if (!std::exchange(m_begun, true)) return begin();
  // A thread that slept too long, or a machine that was suspended, catches up at once.
  while (m_next < m_pieces.size() && m_due <= now) {
    const auto piece = std::string_view(m_pieces[m_next++]).substr(std::exchange(m_skip, 0));
    if (!m_sink.write(piece)) return m_sink.end(std::nullopt);
    m_due += k_interval;
  }
  if (m_next == m_pieces.size()) m_sink.end(std::nullopt);
}

}  // namespace concd::engine
