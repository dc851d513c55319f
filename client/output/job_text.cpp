#include "client/output/job_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "client/output/wait_text.hpp"
#include "util/units.hpp"

namespace concd::client {

std::string state_text(job::State state) {
  switch (state) {
    case job::State::queued:
      return _("queued");
    case job::State::running:
      return _("running");
    case job::State::waiting:
      return _("waiting");
    case job::State::paused:
      return _("paused");
    case job::State::publishing:
      return _("publishing");
    case job::State::done:
      return _("done");
    case job::State::failed:
      return _("failed");
    case job::State::cancelled:
      break;
  }
  return _("cancelled");
}

std::string seconds_text(std::chrono::seconds span) {
  return span < std::chrono::seconds(10) ? fmt::format("{}s", span.count()) : format_duration(span);
}

std::string source_text(const job::View& job) {
  return job.source.empty() ? _("(of another user)") : printable(job.source);
}

std::string failure_text(const job::View& job) {
  if (job.state != job::State::failed) return {};
  return job.failure && !job.failure->message.empty() ? printable(job.failure->message) : _("failed");
}

std::string reason_text(const job::View& job, Microseconds now) {
  return job.wait ? wait_text(*job.wait, now) : failure_text(job);
}

std::string standing_text(const job::View& job, Microseconds now) {
  const auto reason = reason_text(job, now);
  return reason.empty() ? state_text(job.state) : state_text(job.state) + ": " + reason;
}

std::string percent_text(const job::Progress& progress) {
  if (!progress.total || *progress.total == 0) return {};
  const auto share = static_cast<double>(progress.received) / static_cast<double>(*progress.total);
  return fmt::format("{}%", static_cast<int>(std::clamp(share, 0.0, 1.0) * 100));
}

std::string amount_text(const job::Progress& progress) {
  const auto received = format_size(progress.received);
  return progress.total ? received + "/" + format_size(*progress.total) : received;
}

std::string time_text(Microseconds time) {
  if (time == Microseconds::zero()) return "-";
  const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).count());
  std::tm parts{};
  std::array<char, 64> text{};
  if (::localtime_r(&seconds, &parts) == nullptr) return "-";  // its year has no number
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {text.data(), length};
}

}  // namespace concd::client
