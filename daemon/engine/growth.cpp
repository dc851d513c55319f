#include "engine/growth.hpp"

#include <algorithm>

namespace concd::engine {
namespace {

using namespace std::chrono_literals;

/// Of what came before, that more connections must bring.
constexpr double k_gain = 1.2;
/// A connection needs some round trips until it is as fast as it will be.
constexpr auto k_round_trips = 4;
constexpr Microseconds k_min_interval = 50ms, k_long_interval = 500ms, k_max_interval = 2s;
/// Intervals for which it is waited that more connections bring more: many servers send in bursts.
constexpr auto k_patience = 4;
/// So few bytes say nothing, but for when it takes long until they are here.
constexpr std::uint64_t k_enough = 128 << 10;
constexpr Microseconds k_first_pause = 250ms, k_max_pause = 1min;
/// Bytes/s; from here on the disk and the thread have enough to do, and more connections only disturb them.
constexpr double k_plenty = 256 << 20;
/// Seconds; what is here sooner is not worth another connection.
constexpr double k_worth = 0.5;

}  // namespace

void Growth::begin(Microseconds now, std::uint64_t fetched, Microseconds latency) {
  m_interval = std::clamp<Microseconds>(k_round_trips * latency, k_min_interval, k_max_interval);
  m_pause = k_first_pause;
  measure({now, fetched}, Stage::measuring);
}

void Growth::measure(const Sight& sight, Stage stage) {
  m_stage = stage;
  m_since = sight.now;
  m_fetched = sight.fetched;
  m_due = sight.now + m_interval;
}

double Growth::rate(const Sight& sight) const {
  const auto bytes = sight.fetched - m_fetched;
  const auto span = sight.now - m_since;
  if (span < m_interval || (bytes < k_enough && span < k_max_interval)) return 0;
  return static_cast<double>(std::max<std::uint64_t>(bytes, 1)) / std::chrono::duration<double>(span).count();
}

void Growth::look(const Sight& sight) {
  m_target = std::clamp<std::size_t>(m_target, 1, std::max<std::size_t>(sight.ceiling, 1));
  if (m_stage == Stage::opening) {
    if (sight.working >= m_target) return measure(sight, Stage::trying);
    m_due = sight.now + m_interval;
    return;
  }
  if (sight.now < m_due) return;
  if (m_stage == Stage::resting) return measure(sight, Stage::measuring);
  const auto now = rate(sight);
  if (now > 0 && (m_stage == Stage::measuring || now >= k_gain * m_base)) return grow(sight, now);
  if (now == 0 || sight.now - m_since < k_patience * m_interval) {
    m_due = sight.now + m_interval;
    return;
  }
  m_target = std::min(m_target, m_proven);
  // What is judged again is judged by more.
  m_interval = std::max(m_interval, std::min(2 * m_interval, k_long_interval));
  rest(sight);
}

void Growth::grow(const Sight& sight, double rate) {
  m_base = rate;
  m_proven = m_target;
  const bool worth = static_cast<double>(sight.missing) > k_worth * rate;
  if (m_target >= sight.ceiling || !worth || rate > k_plenty) return rest(sight);
  m_target = std::min(2 * m_target, sight.ceiling);
  m_stage = Stage::opening;
  m_due = sight.now;
}

void Growth::rest(const Sight& sight) {
  m_stage = Stage::resting;
  m_due = sight.now + m_pause;
  m_pause = std::min(2 * m_pause, k_max_pause);
}

}  // namespace concd::engine
