#include "sd/journal_sink.hpp"

#include <mutex>
#include <string>

#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "sd/journal_writer.hpp"
#include "util/log.hpp"
#include "util/shown.hpp"

namespace concd::sd {
namespace {

/// The syslog(3) priority of a level.
int priority(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
      return 2;
    case spdlog::level::err:
      return 3;
    case spdlog::level::warn:
      return 4;
    case spdlog::level::info:
      return 6;
    default:
      return 7;
  }
}

class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto entry = log::split({message.payload.data(), message.payload.size()});
    JournalEntry fields{"MESSAGE=" + printable(entry.message),
                        "PRIORITY=" + std::to_string(priority(message.level)), "SYSLOG_IDENTIFIER=concd"};
    for (const auto field : entry.fields) fields.push_back(printable(field));
    m_writer.push(std::move(fields));
  }
  void flush_() override {}

  JournalWriter m_writer;
};

}  // namespace

spdlog::sink_ptr make_journal_sink() {
  return std::make_shared<JournalSink>();
}

bool journal_is_there() {
  return ::access("/run/systemd/journal/socket", W_OK) == 0;
}

}  // namespace concd::sd
