#include "worker/heard.hpp"

#include <utility>

namespace concd::worker {
namespace {

/// A worker reports a few times a second; what a stalled daemon finds in the socket is far less than this.
constexpr std::uint32_t k_max_frames_per_second = 1000;
/// A look after a suspension, or after the daemon stood still, is one of so many.
constexpr std::uint32_t k_looks = 4;

}  // namespace

Heard::Heard(event::Loop& loop, Microseconds silence, SilenceHandler on_silence)
    : m_interval(silence / k_looks), m_on_silence(std::move(on_silence)), m_timer(loop, [this] { look(); }) {
  look_again();
}

bool Heard::note() {
  m_silent = 0;
  const auto now = m_clock.boottime();
  if (now - m_window >= std::chrono::seconds(1)) {
    m_window = now;
    m_frames = 0;
  }
  return ++m_frames <= k_max_frames_per_second;
}

void Heard::look() {
  if (++m_silent >= k_looks) return m_on_silence();
  look_again();
}

void Heard::look_again() {
  m_timer.arm(m_clock.boottime() + m_interval);
}

}  // namespace concd::worker
