#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/common.h>

namespace concd::log {

/// One journal field besides MESSAGE and PRIORITY, systemd.journal-fields(7): NAME in upper case, and its
/// value.
using Field = std::pair<std::string, std::string>;

/// A log entry as it travels through spdlog: the text, then each "NAME=value", separated by NUL. Sinks take
/// it apart with split(); one that does not know of fields prints the text up to the first NUL.
void event(spdlog::level::level_enum level, std::string_view message, const std::vector<Field>& fields);

struct LogEntry {
  std::string_view message;
  std::vector<std::string_view> fields;  ///< each "NAME=value"
};

/// Takes a payload of event() apart; a plain spdlog message has no fields. The views point into `payload`.
[[nodiscard]] LogEntry split(std::string_view payload);

}  // namespace concd::log
