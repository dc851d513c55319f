#include "sd/job_line_limit.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/base_sink.h>

#include "util/log.hpp"
#include "util/token_bucket.hpp"

namespace concd::sd {
namespace {

constexpr auto k_summary_interval = std::chrono::seconds(1);

std::string_view value_of(const log::LogEntry& entry, std::string_view name) {
  for (const auto field : entry.fields)
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=')
      return field.substr(name.size() + 1);
  return {};
}

/// Of what one user's jobs tell.
struct Allowance {
  TokenBucket lines;
  std::size_t left_out = 0;
  Microseconds told{};  ///< when left_out was told last
};

class JobLineLimit final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  JobLineLimit(spdlog::sink_ptr target, const Clock& clock) : m_target(std::move(target)), m_clock(clock) {}

 private:
  /// The user as the entry has him, and whether it is a warning or an error.
  using Key = std::pair<std::string, bool>;

  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto now = m_clock.monotonic();
    summarise(message, now);
    const auto entry = log::split({message.payload.data(), message.payload.size()});
    const auto uid = value_of(entry, "CONCD_UID");
    if (uid.empty() || uid == "0" || value_of(entry, "CONCD_JOB_ID").empty()) return m_target->log(message);
    auto& allowance = m_allowances[{std::string(uid), message.level >= spdlog::level::warn}];
    if (allowance.lines.take(k_job_lines, now)) return m_target->log(message);
    if (allowance.left_out++ == 0) allowance.told = now;
  }
  void flush_() override { m_target->flush(); }

  /// The heartbeat, too, brings what is left to be told.
  void summarise(const spdlog::details::log_msg& message, Microseconds now) {
    for (auto& [key, allowance] : m_allowances) {
      if (allowance.left_out == 0 || now - allowance.told < k_summary_interval) continue;
      if (!allowance.lines.take(k_job_lines, now)) continue;
      tell(message, key, std::exchange(allowance.left_out, 0));
      allowance.told = now;
    }
    std::erase_if(m_allowances, [now](const auto& entry) {
      return entry.second.left_out == 0 && entry.second.lines.is_full(k_job_lines, now);
    });
  }

  void tell(const spdlog::details::log_msg& message, const Key& key, std::size_t left_out) {
    const auto& [uid, is_warning] = key;
    auto payload = fmt::format("{} more {} about jobs of uid {} are left out", left_out,
                               is_warning ? "warnings and errors" : "entries", uid);
    payload.append(1, '\0').append("CONCD_UID=").append(uid);
    const auto level = is_warning ? spdlog::level::warn : spdlog::level::info;
    m_target->log({message.time, {}, message.logger_name, level, payload});
  }

  spdlog::sink_ptr m_target;
  const Clock& m_clock;
  std::map<Key, Allowance> m_allowances;  ///< of users who have used some up
};

}  // namespace

spdlog::sink_ptr limit_job_lines(spdlog::sink_ptr target, const Clock& clock) {
  return std::make_shared<JobLineLimit>(std::move(target), clock);
}

}  // namespace concd::sd
