#include "unit/queue/fakes/time.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace concd::test {

class FakeTime::HandAlarm final : public Alarm {
 public:
  HandAlarm(FakeTime& time, std::function<void()> handler) : m_time(time), m_handler(std::move(handler)) {
    m_time.m_alarms.insert(this);
  }
  ~HandAlarm() override { m_time.m_alarms.erase(this); }
  HandAlarm(const HandAlarm&) = delete;
  HandAlarm& operator=(const HandAlarm&) = delete;

  void arm(Microseconds when, Microseconds /*accuracy*/) override { m_when = when; }
  void disarm() override { m_when.reset(); }
  void ring() {
    m_when.reset();
    m_handler();
  }
  [[nodiscard]] Microseconds when() const { return m_when.value_or(Microseconds::max()); }

 private:
  FakeTime& m_time;
  std::function<void()> m_handler;
  std::optional<Microseconds> m_when;
};

void FakeTime::suspend(Microseconds span) {
  m_boottime += span;
  m_suspended += span;
}

AlarmMaker FakeTime::alarms() {
  return [this](std::function<void()> handler) {
    return std::make_unique<HandAlarm>(*this, std::move(handler));
  };
}

Microseconds FakeTime::next_alarm() const {
  auto next = Microseconds::max();
  for (const auto* const alarm : m_alarms) next = std::min(next, alarm->when());
  return next;
}

bool FakeTime::ring_one() {
  const auto due = std::ranges::min_element(m_alarms, {}, &HandAlarm::when);
  if (due == m_alarms.end() || (*due)->when() > m_boottime) return false;
  (*due)->ring();
  return true;
}

}  // namespace concd::test
