#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "client/follow/request.hpp"
#include "client/output/console.hpp"
#include "job/event.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// How much is said, and in which form.
struct Manner {
  bool json = false;   ///< events instead of results on stdout
  bool quiet = false;  ///< nothing but errors on stderr
};

/// What a person or program sees of requests: results on stdout in the order of the arguments, messages and
/// bars on stderr. One thread.
class Report {
 public:
  /// Borrows all; the requests may change but not move.
  Report(Manner manner, Console& console, const std::vector<FollowedRequest>& requests, const Clock& clock);

  /// The request's job is now what it holds, `raw` is how the daemon told it.
  void changed(const FollowedRequest& request, const std::optional<job::View>& before,
               const nlohmann::json& raw);
  /// The request's file is at `path`; `wanted` is where it should have gone.
  void delivered(const FollowedRequest& request, const std::string& path, const std::string& wanted);
  /// The request has ended; says why when it went wrong, `trouble` then is the sentence.
  void settled(const FollowedRequest& request, const std::string& trouble);
  /// A sentence that --quiet silences, and one that it does not.
  void note(const std::string& text);
  void warn(const std::string& text);

  /// Brings the bars up to date if they are behind; not more often than some times a second unless `now`.
  void draw(bool now = false);
  /// How long until draw() has something to do, in ms as poll(2) takes it; -1: never.
  [[nodiscard]] int until_draw() const;

 private:
  [[nodiscard]] bool has_bars() const { return m_console.is_terminal() && !m_manner.quiet; }
  void print_results();
  void print_event(std::string_view event, const FollowedRequest& request, const nlohmann::json& raw,
                   const std::string& path);

  Manner m_manner;
  Console& m_console;
  const std::vector<FollowedRequest>& m_requests;
  const Clock& m_clock;
  std::size_t m_printed = 0;  ///< requests whose result is out
  bool m_behind = false;
  Microseconds m_drawn{};  ///< boottime
  std::map<const FollowedRequest*, nlohmann::json> m_raw;
};

/// What has happened to a job that was last heard of as `before`, in the terms of Monitor.
[[nodiscard]] job::JobEventKind event_between(const std::optional<job::View>& before, const job::View& after);

/// Writes a line to stdout and flushes it. Throws std::system_error.
void print_line(const std::string& line);

/// print_line() of a value as compact JSON, all of it ASCII: what others put into it cannot steer a terminal.
void print_json(const nlohmann::json& value);

}  // namespace concd::client
