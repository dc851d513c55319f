#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "util/log.hpp"

namespace concd::test {

/// Takes the place of the journal as long as it lives.
class FakeJournal {
 public:
  struct Line {
    std::string text;
    std::vector<std::string> fields;  ///< each "NAME=value"

    [[nodiscard]] bool has(const std::string& field) const {
      return std::ranges::find(fields, field) != fields.end();
    }
  };

  FakeJournal() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("fake", m_sink)); }
  FakeJournal(const FakeJournal&) = delete;
  FakeJournal& operator=(const FakeJournal&) = delete;
  ~FakeJournal() { spdlog::set_default_logger(m_before); }

  /// For a logger of the test's own.
  [[nodiscard]] spdlog::sink_ptr sink() const { return m_sink; }
  [[nodiscard]] const std::vector<Line>& lines() const { return m_sink->lines; }
  /// The lines with this MESSAGE_ID.
  [[nodiscard]] std::vector<Line> of(std::string_view message_id) const {
    std::vector<Line> lines;
    for (const auto& line : m_sink->lines)
      if (line.has("MESSAGE_ID=" + std::string(message_id))) lines.push_back(line);
    return lines;
  }
  [[nodiscard]] std::size_t count(std::string_view message_id) const { return of(message_id).size(); }
  /// Lines whose text holds this.
  [[nodiscard]] std::size_t count_text(std::string_view text) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        m_sink->lines, [&](const Line& line) { return line.text.find(text) != std::string::npos; }));
  }

 private:
  struct Sink final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
      const auto entry = log::split({message.payload.data(), message.payload.size()});
      lines.push_back({std::string(entry.message), {entry.fields.begin(), entry.fields.end()}});
    }
    void flush_() override {}
    std::vector<Line> lines;
  };

  std::shared_ptr<Sink> m_sink = std::make_shared<Sink>();
  std::shared_ptr<spdlog::logger> m_before = spdlog::default_logger();
};

}  // namespace concd::test
