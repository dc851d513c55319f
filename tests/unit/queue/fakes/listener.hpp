#pragma once

#include <string>
#include <utility>
#include <vector>

#include "queue/listener.hpp"

namespace concd::test {

/// Writes down what it hears.
struct FakeListener final : queue::Listener {
  void touched() override { ++touches; }
  bool watches(job::Id /*id*/) override { return is_watching; }
  void changed(job::JobEventKind event, const job::View& view) override { events.emplace_back(event, view); }

  /// What was told of the job since the last call: "accepted:queued started:running", each event with the
  /// state that its view shows.
  std::string story(job::Id id) {
    std::string text;
    std::erase_if(events, [&](const auto& told) {
      if (told.second.id != id) return false;
      if (!text.empty()) text += ' ';
      text.append(job::to_string(told.first)).append(1, ':').append(job::to_string(told.second.state));
      return true;
    });
    return text;
  }

  bool is_watching = true;
  std::size_t touches = 0;
  std::vector<std::pair<job::JobEventKind, job::View>> events;
};

}  // namespace concd::test
