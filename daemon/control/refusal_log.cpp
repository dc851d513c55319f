#include "control/refusal_log.hpp"

#include <spdlog/fmt/fmt.h>

#include "util/log.hpp"

namespace concd::control {
namespace {

constexpr auto k_interval = std::chrono::seconds(1);

void tell(spdlog::level::level_enum level, uid_t uid, const std::string& text) {
  log::event(level, text, {{"CONCD_CALLER_UID", std::to_string(uid)}});
}

}  // namespace

RefusalLog::RefusalLog(const Clock& clock, const AlarmMaker& alarms)
    : m_clock(clock), m_alarm(alarms([this] { summarise(); })) {}

void RefusalLog::note(spdlog::level::level_enum level, const job::Peer& peer, const std::string& text) {
  if (m_untold.empty()) m_alarm->arm(m_clock.boottime() + k_interval);
  const auto [untold, is_first] = m_untold.try_emplace(peer.uid, 0);
  if (is_first)
    tell(level, peer.uid, fmt::format("uid {}, pid {}: {}", peer.uid, peer.pid, text));
  else
    ++untold->second;
}

void RefusalLog::summarise() {
  // Who was refused more stays in the list: his next refusal is not the first one again.
  std::erase_if(m_untold, [](const auto& entry) { return entry.second == 0; });
  for (auto& [uid, untold] : m_untold) {
    tell(spdlog::level::info, uid,
         fmt::format("refused {} more calls and connections of uid {} in the last second", untold, uid));
    untold = 0;
  }
  if (!m_untold.empty()) m_alarm->arm(m_clock.boottime() + k_interval);
}

}  // namespace concd::control
