#include "client/output/report.hpp"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/progress.hpp"
#include "client/output/wait_text.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::client {
namespace {

constexpr Microseconds k_redraw = std::chrono::milliseconds(100);
constexpr Microseconds k_countdown = std::chrono::seconds(1);

/// Whether it waits, and for something else than when it was last heard of.
bool has_news(const std::optional<job::View>& before, const job::View& after) {
  if (!after.wait) return false;
  return !before || !before->wait || !is_same_cause(*before->wait->cause, *after.wait->cause);
}

job::JobEventKind queued_event(const std::optional<job::View>& before) {
  using enum job::JobEventKind;
  if (!before) return accepted;
  return before->state == job::State::paused ? resumed : queued;
}

}  // namespace

job::JobEventKind event_between(const std::optional<job::View>& before, const job::View& after) {
  if (before && before->priority != after.priority) return job::JobEventKind::priority;
  if (after.state == job::State::queued) return queued_event(before);
  const bool runs_on = before && before->state == job::State::running;
  return runs_on && after.state == job::State::running ? job::JobEventKind::progress
                                                       : job::event_of(after.state);
}

void print_line(const std::string& line) {
  const auto text = line + "\n";
  write_all(STDOUT_FILENO, text.data(), text.size(), _("write the output"));
}

void print_json(const nlohmann::json& value) {
  constexpr bool k_ascii = true;
  print_line(value.dump(-1, ' ', k_ascii, nlohmann::json::error_handler_t::replace));
}

Report::Report(Manner manner, Console& console, const std::vector<FollowedRequest>& requests,
               const Clock& clock)
    : m_manner(manner), m_console(console), m_requests(requests), m_clock(clock) {}

void Report::changed(const FollowedRequest& request, const std::optional<job::View>& before,
                     const nlohmann::json& raw) {
  m_behind = true;
  if (m_manner.json) {
    print_event(job::to_string(event_between(before, *request.job)), request, raw, {});
    m_raw[&request] = raw;
  }
  if (has_news(before, *request.job) && !has_bars())
    note(title_of(request) + ": " + standing_text(*request.job, m_clock.realtime()));
}

void Report::delivered(const FollowedRequest& request, const std::string& path, const std::string& wanted) {
  if (path != wanted) note(phrase(_("{0} exists already; saved as {1}"), printable(wanted), printable(path)));
  if (m_manner.json) print_event("saved", request, m_raw[&request], path);
}

void Report::settled(const FollowedRequest& request, const std::string& trouble) {
  m_console.clear();  // its bar is out of date
  if (has_bars() && trouble.empty() && request.job && job::is_final(request.job->state))
    m_console.say(
        progress_line({label_of(request), &*request.job}, m_console.size().columns - 1, m_clock.realtime()));
  if (!trouble.empty()) warn(title_of(request) + ": " + trouble);
  print_results();
  draw(true);
}

void Report::note(const std::string& text) {
  if (!m_manner.quiet) warn(text);
}

void Report::warn(const std::string& text) {
  m_console.say("concctl: " + text);
}

void Report::print_results() {
  while (m_printed < m_requests.size() && m_requests[m_printed].is_settled()) {
    const auto& result = m_requests[m_printed++].result;
    if (result.empty() || m_manner.json) continue;
    // stdout may be the same terminal: the bars must not stand where the line goes.
    m_console.clear();
    // What a program reads must be the path itself.
    print_line(::isatty(STDOUT_FILENO) == 1 ? printable(result) : result);
  }
}

void Report::print_event(std::string_view event, const FollowedRequest& request, const nlohmann::json& raw,
                         const std::string& path) {
  nlohmann::json object{{"event", event}, {"job", raw}};
  if (request.download) object["source"] = request.argument;
  if (!path.empty()) object["path"] = path;
  m_console.clear();
  print_json(object);
}

void Report::draw(bool now) {
  if (!has_bars() || (!now && until_draw() != 0)) return;
  std::vector<Bar> bars;
  for (const auto& request : m_requests)
    if (!request.is_settled() && request.job) bars.push_back({label_of(request), &*request.job});
  m_console.show(progress_lines(std::move(bars), m_console.size(), m_clock.realtime()));
  m_behind = false;
  m_drawn = m_clock.boottime();
}

int Report::until_draw() const {
  if (!has_bars()) return -1;
  const auto next = m_drawn + (m_behind ? k_redraw : k_countdown);
  const auto left = std::max(Microseconds::zero(), next - m_clock.boottime());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace concd::client
