#pragma once

#include "control/refusal_log.hpp"
#include "control/rights.hpp"
#include "control/subscriptions.hpp"
#include "control/turns.hpp"
#include "control/users.hpp"

namespace concd::control {

/// What all sessions share. Main thread.
struct ServerState {
  ServerState(event::Loop& loop, const Clock& clock, const AlarmMaker& alarms)
      : turns(loop), users(clock), refusals(clock, alarms) {}

  Subscriptions subscriptions;
  Turns turns;
  Users users;
  RefusalLog refusals;
  Rights rights;
};

}  // namespace concd::control
