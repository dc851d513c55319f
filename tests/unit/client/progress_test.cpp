#include "client/output/progress.hpp"

#include "client/output/job_text.hpp"
#include "client/output/printable.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::client;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t k_mebibyte = 1 << 20;

job::View running(std::uint64_t received, std::optional<std::uint64_t> total, std::uint64_t rate) {
  job::View job;
  job.state = job::State::running;
  job.progress = {received, total, rate};
  return job;
}

job::View standing(job::State state) {
  job::View job;
  job.state = state;
  return job;
}

}  // namespace

TEST_CASE("a running job shows name, bar, percent, amounts, rate and time left") {
  const auto job = running(50 * k_mebibyte, 100 * k_mebibyte, 10 * k_mebibyte);
  const auto line = progress_line({"big.iso", &job}, 100, {});
  CHECK(
      line ==
      "big.iso                    [========>        ]   50%    50.0 MiB/100.0 MiB     10.0 MiB/s         6s");
  CHECK(columns_of(line) == 100);
}

TEST_CASE("a narrow line leaves out the time left first, then the bar and the rate, never the name") {
  const auto job = running(50 * k_mebibyte, 100 * k_mebibyte, 10 * k_mebibyte);
  CHECK(progress_line({"big.iso", &job}, 70, {}) ==
        "big.iso            [===>  ]   50%    50.0 MiB/100.0 MiB     10.0 MiB/s");
  CHECK(progress_line({"big.iso", &job}, 40, {}) == "big.iso      50%    50.0 MiB/100.0 MiB");
  CHECK(progress_line({"big.iso", &job}, 16, {}) == "big.iso    50%");
}

TEST_CASE("without a size there is neither bar nor percent nor time left") {
  const auto job = running(5 * k_mebibyte, std::nullopt, k_mebibyte);
  CHECK(progress_line({"stream", &job}, 100, {}) ==
        "stream                                  5.0 MiB      1.0 MiB/s");
}

TEST_CASE("a bar is empty at the start, full at the end, and bounded by what a server claims") {
  const auto start = running(0, 100, 0), end = running(100, 100, 0), beyond = running(300, 100, 0),
             none = running(0, 0, 0);
  CHECK_THAT(progress_line({"x", &start}, 100, {}), ContainsSubstring("[>   "));
  CHECK_THAT(progress_line({"x", &end}, 100, {}), ContainsSubstring("=]"));
  CHECK_THAT(progress_line({"x", &beyond}, 100, {}), ContainsSubstring("=]  100%"));
  CHECK(columns_of(progress_line({"x", &none}, 100, {})) <= 100);
}

TEST_CASE("a job that stands still says why") {
  auto job = standing(job::State::waiting);
  auto& wait = job.wait.emplace();
  wait.cause->message = "connection refused\x1b[2J";
  wait.until = 10s;
  CHECK(progress_line({"x", &job}, 80, 7s) ==
        "x                     waiting: connection refused\\x1B[2J; next try in 3s");

  auto queued = standing(job::State::queued);
  CHECK_THAT(progress_line({"x", &queued}, 80, {}), ContainsSubstring("  queued"));
  queued.wait.emplace().cause->kind = job::WaitKind::slot;
  CHECK_THAT(progress_line({"x", &queued}, 80, {}), ContainsSubstring("  queued: waits for a place"));

  auto failed = standing(job::State::failed);
  failed.failure = job::Failure{job::FailureKind::server, job::RetryClass::none, "404 Not Found", 404, {}};
  CHECK_THAT(progress_line({"x", &failed}, 80, {}), ContainsSubstring("failed: 404 Not Found"));
  const auto paused = standing(job::State::paused);
  CHECK_THAT(progress_line({"x", &paused}, 80, {}), ContainsSubstring("  paused"));
}

TEST_CASE("a job that is being published says so, and how much there is to check") {
  auto job = standing(job::State::publishing);
  job.progress.received = 3 * k_mebibyte;
  CHECK(progress_line({"x", &job}, 80, {}) == "x                     publishing  3.0 MiB");
}

TEST_CASE("a done job says how much came in what time") {
  auto job = standing(job::State::done);
  job.progress.received = 3 * k_mebibyte;
  job.started = 100s;
  job.finished = 104s;
  CHECK_THAT(progress_line({"x", &job}, 80, {}), ContainsSubstring("done  3.0 MiB in 4.0s"));
  job.started = {};
  CHECK_THAT(progress_line({"x", &job}, 80, {}), !ContainsSubstring(" in "));
}

TEST_CASE("a long or wide name never breaks the columns") {
  const auto job = running(1, 2, 3);
  for (const auto& name :
       {std::string(300, 'x'), std::string("文件文件文件文件文件文件文件文件文件文件文件.iso")})
    for (const std::size_t columns : {20, 40, 80, 200})
      CHECK(columns_of(progress_line({name, &job}, columns, {})) <= columns);
}

TEST_CASE("each job has a line while the screen has rows") {
  const auto job = running(1, 2, 3);
  const std::vector<Bar> bars(5, Bar{"x", &job});
  CHECK(progress_lines(bars, {80, 24}, {}).size() == 5);
  CHECK(progress_lines(bars, {80, 6}, {}).size() == 5);
  CHECK(progress_lines({}, {80, 24}, {}).empty());
}

TEST_CASE("jobs that do not fit are summed up, those that run come first") {
  const auto queued = standing(job::State::queued);
  const auto moving = running(1, 2, k_mebibyte);
  std::vector<Bar> bars(8, Bar{"queued", &queued});
  bars.push_back({"moving", &moving});
  const auto lines = progress_lines(bars, {80, 5}, {});
  REQUIRE(lines.size() == 4);
  CHECK_THAT(lines[0], ContainsSubstring("moving"));
  CHECK(lines[3] == "more jobs: 6, running: 0; 1.0 MiB/s in total");
  for (const auto& line : lines) CHECK(columns_of(line) < 80);
}

TEST_CASE("live lines are taken away by rows, also after the terminal became narrower") {
  CHECK(erase_sequence({}, 80).empty());
  CHECK(erase_sequence({"one", "two"}, 80) == "\r\x1b[2A\x1b[J");
  CHECK(erase_sequence({std::string(79, 'x'), ""}, 40) == "\r\x1b[3A\x1b[J");
}
