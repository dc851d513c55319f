#include "sd/job_line_limit.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <spdlog/spdlog.h>

#include "support/catch.hpp"
#include "unit/queue/fakes/journal.hpp"
#include "unit/queue/fakes/time.hpp"
#include "util/log.hpp"

using namespace concd;

namespace {

struct LimitBench {
  test::FakeJournal journal;
  test::FakeTime time;

  LimitBench() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("limited", sd::limit_job_lines(journal.sink(), time)));
  }

  void tell(int times, const std::string& uid, spdlog::level::level_enum level = spdlog::level::info) {
    for (int i = 0; i < times; ++i)
      log::event(level, "job of " + uid, {{"CONCD_JOB_ID", "7"}, {"CONCD_UID", uid}});
  }
  [[nodiscard]] std::size_t count(const std::string& line) const {
    return static_cast<std::size_t>(
        std::ranges::count(journal.lines(), line, &test::FakeJournal::Line::text));
  }
};

constexpr int k_flood = 10'000;
constexpr int k_at_once = sd::k_job_lines.burst;
constexpr int k_per_second = sd::k_job_lines.per_second;

}  // namespace

TEST_CASE_METHOD(LimitBench, "a user's jobs fill no journal, and what is left out is counted") {
  tell(k_flood, "1000");
  CHECK(journal.lines().size() == k_at_once);
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
