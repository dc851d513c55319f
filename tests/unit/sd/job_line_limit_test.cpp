#include "sd/job_line_limit.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "support/catch.hpp"
#include "unit/queue/fakes/time.hpp"
#include "util/log.hpp"

using namespace concd;

namespace {

struct Lines final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto entry = log::split({message.payload.data(), message.payload.size()});
    lines.emplace_back(entry.message);
  }
  void flush_() override {}
  std::vector<std::string> lines;
};

struct LimitBench {
  test::FakeTime time;
  std::shared_ptr<Lines> sink = std::make_shared<Lines>();
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();

  LimitBench() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sd::limit_job_lines(sink, time)));
  }
  LimitBench(const LimitBench&) = delete;
  LimitBench& operator=(const LimitBench&) = delete;
  ~LimitBench() { spdlog::set_default_logger(before); }

  void tell(int times, const std::string& uid, spdlog::level::level_enum level = spdlog::level::info) {
    for (int i = 0; i < times; ++i)
      log::event(level, "job of " + uid, {{"CONCD_JOB_ID", "7"}, {"CONCD_UID", uid}});
  }
  [[nodiscard]] auto count(const std::string& line) const { return std::ranges::count(sink->lines, line); }
};

constexpr int k_flood = 10'000;
constexpr int k_at_once = sd::k_job_lines_at_once;
constexpr int k_per_second = sd::k_job_lines_per_second;

}  // namespace

TEST_CASE_METHOD(LimitBench, "a user's jobs fill no journal, and what is left out is counted") {
  tell(k_flood, "1000");
  CHECK(sink->lines.size() == sd::k_job_lines_at_once);
  time.pass(std::chrono::seconds(1));
  // An entry of no job, as the heartbeat is.
  log::event(spdlog::level::info, "alive", {});
  CHECK(count("alive") == 1);
  CHECK(count(std::to_string(k_flood - k_at_once) + " more entries about jobs of uid 1000 are left out") ==
        1);
  tell(k_flood, "1000");
  CHECK(count("job of 1000") == k_at_once + k_per_second - 1);
}

TEST_CASE_METHOD(LimitBench, "the entries of others, and those of root, are all told meanwhile") {
  tell(k_flood, "1000");
  tell(k_at_once, "1001");
  tell(k_flood, "0");
  CHECK(count("job of 1001") == k_at_once);
  CHECK(count("job of 0") == k_flood);
}

TEST_CASE_METHOD(LimitBench, "a failure is not lost among what goes well") {
  tell(k_flood, "1000");
  tell(k_flood, "1000", spdlog::level::err);
  CHECK(count("job of 1000") == 2 * k_at_once);
  time.pass(std::chrono::seconds(1));
  log::event(spdlog::level::info, "alive", {});
  CHECK(count(std::to_string(k_flood - k_at_once) +
              " more warnings and errors about jobs of uid 1000 are left out") == 1);
}

TEST_CASE_METHOD(LimitBench, "who has been quiet for a while may tell as much again") {
  tell(k_at_once, "1000");
  time.pass(std::chrono::seconds(k_at_once / k_per_second));
  tell(k_at_once, "1000");
  CHECK(count("job of 1000") == 2 * k_at_once);
}
