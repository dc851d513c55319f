#include "util/log.hpp"

#include <spdlog/spdlog.h>

namespace concd::log {

void event(spdlog::level::level_enum level, std::string_view message, const std::vector<Field>& fields) {
  const auto logger = spdlog::default_logger_raw();
  if (!logger->should_log(level)) return;
  std::string payload(message);
  for (const auto& [name, value] : fields) payload.append(1, '\0').append(name).append(1, '=').append(value);
  logger->log(level, spdlog::string_view_t(payload.data(), payload.size()));
}

LogEntry split(std::string_view payload) {
  LogEntry entry;
  auto end = payload.find('\0');
  entry.message = payload.substr(0, end);
  while (end != std::string_view::npos) {
    payload.remove_prefix(end + 1);
    end = payload.find('\0');
    entry.fields.push_back(payload.substr(0, end));
  }
  return entry;
}

}  // namespace concd::log
