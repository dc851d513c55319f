#include "sd/field_formatter.hpp"

#include <sstream>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "support/catch.hpp"
#include "util/log.hpp"

using namespace concd;

namespace {

/// What a log line looks like on a terminal.
std::string printed(const std::string& message, const std::vector<log::Field>& fields) {
  std::ostringstream out;
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(out);
  sink->set_formatter(sd::make_field_formatter());
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  log::event(spdlog::level::info, message, fields);
  spdlog::set_default_logger(before);
  return out.str();
}

}  // namespace

TEST_CASE("a line on the terminal has the text and the fields") {
  CHECK_THAT(printed("job 7 is done", {{"CONCD_JOB_ID", "7"}, {"CONCD_BYTES", "12"}}),
             ContainsSubstring("info job 7 is done CONCD_JOB_ID=7 CONCD_BYTES=12\n"));
}

TEST_CASE("a stranger's control characters do not reach the terminal") {
  CHECK_THAT(printed("name \x1b[31mred\r\n", {{"CONCD_NAME", "a\nb"}}),
             ContainsSubstring("name \\x1B[31mred\\x0D\\x0A CONCD_NAME=a\\x0Ab\n"));
}
