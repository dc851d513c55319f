#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include <spdlog/common.h>

#include "job/peer.hpp"
#include "util/alarm.hpp"
#include "util/clock.hpp"

namespace concd::control {

/// Tells the journal of what is refused: of each user the first at once, then once a second how many more
/// there were, so that nobody can flood the journal. Main thread.
class RefusalLog {
 public:
  /// Borrows the clock.
  RefusalLog(const Clock& clock, const AlarmMaker& alarms);

  /// `text` says what and why, without what a caller has made up; the user and the process are added to it.
  void note(spdlog::level::level_enum level, const job::Peer& peer, const std::string& text);

 private:
  void summarise();

  const Clock& m_clock;
  std::unique_ptr<Alarm> m_alarm;
  std::map<uid_t, std::size_t> m_untold;  ///< since the last word about the user
};

}  // namespace concd::control
