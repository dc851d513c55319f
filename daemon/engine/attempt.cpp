#include "engine/attempt.hpp"

#include <algorithm>
#include <system_error>

#include "engine/curl_options.hpp"
#include "engine/curl_origin.hpp"
#include "engine/failure_of.hpp"
#include "engine/file_origin.hpp"
#include "engine/publish.hpp"
#include "engine/sim_origin.hpp"
#include "util/crash_point.hpp"
#include "util/units.hpp"
#include "util/url.hpp"

namespace concd::engine {
namespace {

using namespace std::chrono_literals;
using job::Failure;
using job::FailureKind;
using job::Outcome;
using job::RetryClass;

// Room is reserved where a full disk would cost much; for small files it would only cost time.
constexpr std::uint64_t k_reserve_from = 1 << 20;
// What a crash may cost: this many bytes or this much time, whichever comes first.
constexpr std::uint64_t k_save_bytes = 32 << 20;
constexpr Microseconds k_save_pause = 1s;
constexpr Microseconds k_save_interval = 5s;

}  // namespace

Attempt::Attempt(Assignment assignment, const Surroundings& surroundings)
    : m_assignment(std::move(assignment)), m_surroundings(surroundings) {}

void Attempt::begin(Microseconds now) noexcept {
  try {
    m_saved_at = now;
    const auto size = PartFile::size_of(part_path(task().partial, task().checkpoint));
    if (size >= task().checkpoint.durable) m_checkpoint = task().checkpoint;
    m_plan = plan_resume(task(), size);
    choose_origin(now);
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Attempt::choose_origin(Microseconds now) {
  const auto& settings = *m_assignment.settings;
  const auto& url = task().url;
  Sink& sink = *this;
  if (SimOrigin::serves(url)) {
    m_origin = std::make_unique<SimOrigin>(url, m_plan, task().published, now, sink);
  } else if (FileOrigin::serves(url)) {
    m_origin = std::make_unique<FileOrigin>(url, settings.file_roots, m_plan, task().published, now, sink);
  } else if (!allows(settings, url)) {
    m_failure = Failure{FailureKind::other, RetryClass::mirror,
                        "the scheme \"" + url_scheme(url) + "\" is not allowed by the configuration"};
  } else if (names_folder(url)) {
    m_failure =
        Failure{FailureKind::other, RetryClass::mirror, "this is a folder, no file: " + redact_url(url)};
  } else {
    m_origin = std::make_unique<CurlOrigin>(m_surroundings.multi, task(), settings, m_plan, sink);
  }
}

std::optional<Microseconds> Attempt::due() const {
  return m_origin && !over() ? m_origin->due() : std::nullopt;
}

void Attempt::advance(Microseconds now) noexcept {
  try {
    const auto when = due();
    if (when && *when <= now) m_origin->advance(now);
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Attempt::stop() noexcept {
  m_stopped = m_over = true;
}

void Attempt::fail(const std::exception& error) noexcept {
  if (!m_failure) m_failure = failure_of(error);
}

bool Attempt::accept(const Answer& answer) {
  m_validators = answer.validators;
  m_mtime = answer.mtime;
  m_unchanged = answer.unchanged;
  if (m_unchanged) return true;
  if (answer.total) m_failure = check_size(*answer.total);
  if (m_failure) return false;
  try {
    if (answer.offset == 0)
      start_over(answer);
    else
      go_on(answer);
    const auto size = answer.total ? answer.total : task().size;
    if (size && *size >= k_reserve_from) m_part->reserve(*size);
    crash_point("transfer.accepted");
  } catch (const std::exception& error) {
    fail(error);
  }
  return !m_failure;
}

void Attempt::start_over(const Answer& answer) {
  m_restarted = task().checkpoint.durable > 0;
  m_checkpoint = {task().url, 0, answer.total, answer.resumable};
  // What was known of the old bytes must not be taken for knowledge of the new ones after a crash.
  if (m_restarted) m_surroundings.reporter->checkpoint(ticket(), m_checkpoint);
  crash_point("transfer.started_over");
  if (m_restarted) std::filesystem::remove(part_path(task().partial, task().checkpoint));
  m_part = std::make_shared<PartFile>(PartFile::create(part_path(task().partial, m_checkpoint)));
  if (task().digest) m_digest.emplace(task().digest->algorithm);
}

void Attempt::go_on(const Answer& answer) {
  m_checkpoint.total = answer.total;
  m_part = std::make_shared<PartFile>(
      PartFile::reopen(part_path(task().partial, m_checkpoint), m_checkpoint.durable));
  m_received = m_written = m_saved = answer.offset;
}

std::optional<Failure> Attempt::check_size(std::uint64_t size) const {
  const auto limit = m_assignment.settings->max_size;
  if (limit != 0 && size > limit)
    return Failure{FailureKind::other, RetryClass::mirror,
                   redact_url(task().url) + " is larger than max_size allows (" + format_size(limit) + ")"};
  if (task().size && size > *task().size)
    return Failure{FailureKind::verification, RetryClass::mirror,
                   "the file is not the expected one: " + std::to_string(size) + " bytes or more where " +
                       std::to_string(*task().size) + " were expected"};
  return std::nullopt;
}

bool Attempt::write(std::string_view data) {
  if (over() || !m_part) return false;
  m_received += data.size();
  m_fetched += data.size();
  if (m_checkpoint.total && m_received > *m_checkpoint.total) {
    m_discard = true;
    m_failure = Failure{FailureKind::server, RetryClass::retry,
                        server_name(task().url) + " sent more bytes than it had announced"};
  } else {
    m_failure = check_size(m_received);
  }
  if (!m_failure) m_surroundings.staging.append(*this, data);
  return !m_failure;
}

void Attempt::flush(std::string_view data) noexcept {
  if (m_failure) return;
  try {
    m_part->write(m_written, data);
    if (m_digest) m_digest->update(data);
    m_written += data.size();
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Attempt::end(std::optional<Failure> failure) {
  if (!m_failure) m_failure = std::move(failure);
  m_over = true;
}

std::optional<job::Progress> Attempt::news(Microseconds now) {
  if (!m_part) return std::nullopt;
  if (!m_told) m_rate.update(m_saved_at, m_received - m_fetched);
  job::Progress progress;
  progress.received = m_received;
  progress.total = m_checkpoint.total ? m_checkpoint.total : task().size;
  progress.rate = m_rate.update(now, m_received);
  if (m_told && m_told->received == progress.received && m_told->rate == progress.rate) return std::nullopt;
  m_told = progress;
  return progress;
}

void Attempt::check_rate(Microseconds now) {
  const auto& settings = *m_assignment.settings;
  if (!m_part || over() || settings.min_rate == 0) return;
  if (m_floor.below(now, m_received, settings.min_rate, settings.min_rate_time))
    m_failure =
        Failure{FailureKind::network, RetryClass::retry,
                server_name(task().url) + " is too slow: less than " + format_size(settings.min_rate) +
                    "/s for " + format_duration(settings.min_rate_time)};
}

bool Attempt::can_be_continued() const {
  return !m_checkpoint.validators.etag.empty() || !m_checkpoint.validators.last_modified.empty() ||
         task().digest.has_value();
}

void Attempt::save(Microseconds now) {
  if (!m_part || !can_be_continued() || over() || m_written <= m_saved) return;
  if (m_saving && m_saving->load()) return;
  const auto pause = now - m_saved_at;
  const bool due = pause >= k_save_interval || (pause >= k_save_pause && m_written - m_saved >= k_save_bytes);
  if (!due) return;
  m_saved = m_written;
  m_saved_at = now;
  m_saving = std::make_shared<std::atomic<bool>>(true);
  auto checkpoint = m_checkpoint;
  checkpoint.durable = m_written;
  m_surroundings.publisher.submit(
      [part = m_part, saving = m_saving, reporter = m_surroundings.reporter, ticket = ticket(), checkpoint] {
        try {
          part->sync();
          crash_point("checkpoint.synced");
          reporter->checkpoint(ticket, checkpoint);
          crash_point("checkpoint.told");
        } catch (const std::exception&) {
          // The part file remembers: the transfer fails at its next write, or at its end.
        }
        saving->store(false);
      });
}

}  // namespace concd::engine
