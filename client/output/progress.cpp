#include "client/output/progress.hpp"

#include <algorithm>
#include <iterator>

#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

constexpr std::size_t k_min_label = 8, k_max_label = 32;
constexpr std::size_t k_min_bar = 8, k_max_bar = 40;
constexpr std::size_t k_percent = 4, k_amount = 20, k_rate = 13, k_left = 9;

std::size_t label_width(std::size_t columns) {
  return std::clamp(columns / 4, k_min_label, k_max_label);
}

/// "[====>     ]", `width` columns with its brackets.
std::string drawn_bar(const job::Progress& progress, std::size_t width) {
  const auto inner = width - 2;
  const auto total = std::max<std::uint64_t>(1, progress.total.value_or(1));
  const auto share = static_cast<double>(progress.received) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(inner));
  std::string bar(filled, '=');
  if (filled < inner) bar += '>';
  return "[" + padded(bar, inner) + "]";
}

std::string left_text(const job::Progress& progress) {
  if (!progress.total || progress.rate == 0 || progress.received >= *progress.total) return {};
  const auto seconds = (*progress.total - progress.received) / progress.rate;
  constexpr std::uint64_t k_max = 100ULL * 86400;  // further ahead is a guess about nothing
  return seconds > k_max ? std::string() : seconds_text(std::chrono::seconds(seconds + 1));
}

std::string rate_text(const job::Progress& progress) {
  return progress.rate == 0 ? std::string() : format_size(progress.rate) + "/s";
}

/// The moving part of a running job's line, at most `columns` wide: what fits, the most telling first.
std::string running_text(const job::Progress& progress, std::size_t columns) {
  std::string numbers;
  const auto add = [&](const std::string& text, std::size_t width) {
    if (columns_of(numbers) + width + 2 <= columns) numbers += "  " + padded_left(text, width);
  };
  if (progress.total) add(percent_text(progress), k_percent);
  add(amount_text(progress), k_amount);
  add(rate_text(progress), k_rate);
  if (progress.total) add(left_text(progress), k_left);
  const auto used = columns_of(numbers);
  if (!progress.total || columns < used + 2 + k_min_bar) return numbers;
  return "  " + drawn_bar(progress, std::min(k_max_bar, columns - used - 2)) + numbers;
}

std::string done_text(const job::View& job) {
  const auto size = format_size(job.progress.received);
  if (job.finished <= job.started || job.started == Microseconds::zero()) return phrase(_("done  {0}"), size);
  return phrase(_("done  {0} in {1}"), size, format_duration(job.finished - job.started));
}

std::string still_text(const job::View& job, Microseconds now) {
  if (job.state == job::State::done) return done_text(job);
  if (job.state == job::State::publishing)
    return state_text(job.state) + "  " + format_size(job.progress.received);
  return standing_text(job, now);
}

/// The bars in the order in which they are shown when the screen has fewer rows.
std::vector<Bar> by_interest(const std::vector<Bar>& bars) {
  using enum job::State;
  std::vector<Bar> sorted;
  for (const auto state : {running, publishing, waiting, paused, queued, done, failed, cancelled})
    std::ranges::copy_if(bars, std::back_inserter(sorted),
                         [&](const Bar& bar) { return bar.job->state == state; });
  return sorted;
}

std::string summary(const std::vector<Bar>& bars, std::size_t shown) {
  std::size_t running = 0;
  std::uint64_t rate = 0;
  for (auto bar = bars.begin() + static_cast<std::ptrdiff_t>(shown); bar != bars.end(); ++bar)
    if (bar->job->state == job::State::running) ++running;
  for (const auto& bar : bars)
    if (bar.job->state == job::State::running) rate += bar.job->progress.rate;
  return phrase(_("more jobs: {0}, running: {1}; {2}/s in total"), bars.size() - shown, running,
                format_size(rate));
}

}  // namespace

std::string progress_line(const Bar& bar, std::size_t columns, Microseconds now) {
  const auto width = label_width(columns);
  const auto left = columns > width ? columns - width : 0;
  const auto text = bar.job->state == job::State::running ? running_text(bar.job->progress, left)
                                                          : "  " + still_text(*bar.job, now);
  return cut(padded(bar.label, width) + text, columns);
}

std::vector<std::string> progress_lines(std::vector<Bar> bars, ScreenSize screen, Microseconds now) {
  const auto columns = std::max<std::size_t>(2, screen.columns) - 1;  // the last one would wrap
  const auto rows = std::max<std::size_t>(3, screen.rows) - 1;        // one for the cursor
  const auto shown = bars.size() <= rows ? bars.size() : rows - 1;
  if (shown < bars.size()) bars = by_interest(bars);
  std::vector<std::string> lines;
  lines.reserve(shown + 1);
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(progress_line(bars[i], columns, now));
  if (shown < bars.size()) lines.push_back(cut(summary(bars, shown), columns));
  return lines;
}

}  // namespace concd::client
