#include "logging.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "sd/field_formatter.hpp"
#include "sd/job_line_limit.hpp"
#include "sd/journal_sink.hpp"
#include "util/clock.hpp"

namespace concd {
namespace {

constexpr std::size_t k_log_file_size = 8U << 20;
constexpr std::size_t k_log_files = 3;

const SystemClock k_clock;

spdlog::sink_ptr make_sink(bool foreground, const std::filesystem::path& file) {
  if (!foreground && sd::journal_is_there()) return sd::make_journal_sink();
  spdlog::sink_ptr sink;
  if (foreground)
    sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  else
    sink =
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), k_log_file_size, k_log_files);
  sink->set_formatter(sd::make_field_formatter());
  return sink;
}

}  // namespace

void start_logging(bool foreground, const std::filesystem::path& file) {
  auto logger =
      std::make_shared<spdlog::logger>("concd", sd::limit_job_lines(make_sink(foreground, file), k_clock));
  // A log that cannot be written must not end a download, nor fill the terminal with complaints.
  logger->set_error_handler([](const std::string&) {});
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(const std::string& level) {
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace concd
