#include "engine/saver.hpp"

#include <future>
#include <mutex>

#include <fcntl.h>

#include "bench.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using engine::Received;
using job::RetryClass;

namespace {

/// A saver with all around it, and ears for what it reports.
class Desk : public job::ExecutorEvents {
 public:
  Desk()
      : number(bench.new_part("")),
        reporter(std::make_shared<engine::Reporter>(mailbox, *this, [](job::Id) {})) {}

  Received received(const job::Checkpoint& kept = {}) {
    if (kept.durable() > 0) return Received::onward(bench.part(kept.part), kept);
    return Received::anew(bench.part(number), {number, "http://h/f", {}, kept.total, {"\"1\"", ""}},
                          std::nullopt);
  }
  engine::Saver saver() { return {disk, reporter, std::make_shared<engine::Ticket>(1)}; }

  /// Runs the loop until so many checkpoints and outcomes have come.
  void wait_for(std::size_t count) {
    m_expected = count;
    if (checkpoints.size() + outcomes.size() < m_expected) loop.run();
  }

  Bench bench;
  std::uint32_t number;
  event::Loop loop;
  event::Mailbox mailbox{loop};
  std::shared_ptr<engine::Reporter> reporter;
  ThreadPool disk{"disk", 1};
  std::vector<job::Checkpoint> checkpoints;
  std::vector<job::Outcome> outcomes;

 private:
  void on_started(job::Id, const job::Execution&) override {}
  void on_progress(job::Id, const job::Progress&) override {}
  void on_checkpoint(job::Id, const job::Checkpoint& checkpoint) override {
    checkpoints.push_back(checkpoint);
    count();
  }
  void on_finished(job::Id, const job::Outcome& outcome) override {
    outcomes.push_back(outcome);
    count();
  }
  void count() {
    if (checkpoints.size() + outcomes.size() == m_expected) loop.exit(0);
  }

  std::size_t m_expected = 0;
};

job::Outcome ended(std::optional<RetryClass> retry_class = {}) {
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::stopped;
  if (!retry_class) return outcome;
  outcome.kind = job::Outcome::Kind::failed;
  outcome.failure = job::Failure{job::FailureKind::file, *retry_class, "why"};
  return outcome;
}

constexpr std::uint64_t k_mebibyte = 1 << 20;

/// Five bytes that were written to a file that fsync(2) refuses with EINVAL.
Received unsyncable() {
  const auto null = std::make_shared<const UniqueFd>(::open("/dev/null", O_RDWR | O_CLOEXEC));
  auto received = Received::anew(null, {1, "http://h/f", {}, {}, {"\"1\"", ""}}, std::nullopt);
  received.write(0, "hello");
  return received;
}

job::Outcome whole(const Received& received) {
  job::Outcome outcome;
  outcome.kind = job::Outcome::Kind::delivered;
  outcome.checkpoint = received.checkpoint();
  outcome.size = covered(received.written());
  outcome.digest = "d";
  return outcome;
}

/// Keeps the only thread of the pool busy until it is opened.
class Gate {
 public:
  explicit Gate(ThreadPool& pool) {
    pool.submit([opened = m_open.get_future().share()] { opened.wait(); });
  }
  void open() { m_open.set_value(); }

 private:
  std::promise<void> m_open;
};

}  // namespace

TEST_CASE("bytes are saved every 5 s, or each second when many have come") {
  Desk desk;
  auto received = desk.received();
  auto saver = desk.saver();
  saver.begin(100s);
  SECTION("few") {
    received.write(0, "hello");
    saver.save(104s, received);
    CHECK(received.file()->synced().empty());
    saver.save(105s, received);
  }
  SECTION("many") {
    const std::string text(32 * k_mebibyte, 'x');
    received.write(0, text);
    saver.save(100s + 999ms, received);
    CHECK(received.file()->synced().empty());
    saver.save(101s, received);
  }
  desk.wait_for(1);
  REQUIRE(desk.checkpoints.size() == 1);
  CHECK(desk.checkpoints[0] ==
        job::Checkpoint{desk.number, "http://h/f", received.written(), {}, {"\"1\"", ""}});
  CHECK(received.checkpoint() == desk.checkpoints[0]);
}

TEST_CASE("what is saved already is not saved again, nor while it is being saved") {
  Desk desk;
  auto received = desk.received();
  auto saver = desk.saver();
  saver.begin(0s);
  saver.save(10s, received);
  received.write(0, "hello");
  std::mutex gate;
  std::unique_lock closed(gate);
  desk.disk.submit([&] { const std::lock_guard wait(gate); });
  saver.save(20s, received);
  received.write(5, " world");
  saver.save(30s, received);
  closed.unlock();
  saver.keep(ended(), received);
  desk.wait_for(2);
  REQUIRE(desk.checkpoints.size() == 1);
  CHECK(desk.checkpoints[0].durable() == 5);
  REQUIRE(desk.outcomes.size() == 1);
  CHECK(desk.outcomes[0].checkpoint.durable() == 11);
}

TEST_CASE("what came is kept: synced, and cut to what is known of it") {
  Desk desk;
  auto received = desk.received();
  received.write(0, "hello");
  received.file()->write(5, "the half of a write that failed");
  desk.saver().keep(ended(RetryClass::retry), received);
  desk.wait_for(1);
  CHECK(desk.outcomes.at(0).checkpoint ==
        job::Checkpoint{desk.number, "http://h/f", {{0, 5}}, {}, {"\"1\"", ""}});
  CHECK(desk.bench.bytes(desk.number) == "hello");
}

TEST_CASE("an end that brought nothing has nothing to keep") {
  Desk desk;
  auto received = desk.received();
  desk.saver().keep(ended(), received);
  desk.wait_for(1);
  CHECK(desk.outcomes.at(0).checkpoint == job::Checkpoint{});
}

TEST_CASE("a full disk gets the last MiB back, but not what was there before") {
  Desk desk;
  SECTION("of new bytes, even when they are synced") {
    auto received = desk.received();
    received.write(0, std::string(3 * k_mebibyte, 'x'));
    if (GENERATE(false, true)) received.file()->sync(received.written());
    desk.saver().keep(ended(RetryClass::disk_space), received);
    desk.wait_for(1);
    CHECK(desk.outcomes.at(0).checkpoint.durable() == 2 * k_mebibyte);
    CHECK(desk.bench.bytes(desk.number).size() == 2 * k_mebibyte);
  }
  SECTION("of old bytes") {
    const auto part = desk.bench.new_part("hello");
    auto received = desk.received({part, "http://h/f", {{0, 5}}, {}, {"\"1\"", ""}});
    received.write(5, " world");
    desk.saver().keep(ended(RetryClass::disk_space), received);
    desk.wait_for(1);
    CHECK(desk.outcomes.at(0).checkpoint.durable() == 5);
    CHECK(desk.bench.bytes(part) == "hello");
  }
  SECTION("of so few that nothing is left but how many it needs") {
    auto received = Received::anew(desk.bench.part(desk.number),
                                   {desk.number, "http://h/f", {}, 100, {"\"1\"", ""}}, std::nullopt);
    received.write(0, "hello");
    desk.saver().keep(ended(RetryClass::disk_space), received);
    desk.wait_for(1);
    CHECK(desk.outcomes.at(0).checkpoint == job::Checkpoint{0, "", {}, 100, {}});
  }
}

TEST_CASE("keeping a file that is shorter than claimed claims nothing") {
  Bench bench;
  const auto number = bench.new_part("short");
  engine::PartFile file(bench.part(number), number);
  CHECK(engine::keep(file, {number, "u", {}, {}, {}}, {{0, 6}}) == job::Checkpoint{});
  CHECK(engine::keep(file, {number, "u", {}, {}, {}}, {{0, 5}}).durable() == 5);
}

TEST_CASE("a file that cannot be synced is not kept") {
  Bench bench;
  const auto null = std::make_shared<const UniqueFd>(::open("/dev/null", O_RDWR | O_CLOEXEC));
  engine::PartFile file(null, 1);
  CHECK(engine::keep(file, {1, "u", {{0, 5}}, {}, {}}, {}) == job::Checkpoint{});
}

TEST_CASE("a whole file is reported at once when nothing of it is being synced") {
  Desk desk;
  auto received = desk.received();
  received.write(0, "hello");
  Gate gate(desk.disk);
  desk.saver().deliver(whole(received), received);
  desk.wait_for(1);
  CHECK(desk.outcomes.at(0).kind == job::Outcome::Kind::delivered);
  CHECK(desk.outcomes.at(0).size == 5);
  gate.open();
}

TEST_CASE("a whole file is reported after the sync that is under way") {
  Desk desk;
  auto received = desk.received();
  auto saver = desk.saver();
  received.write(0, "hello");
  Gate gate(desk.disk);
  saver.save(10s, received);
  saver.deliver(whole(received), received);
  desk.mailbox.drain();
  CHECK(desk.outcomes.empty());
  gate.open();
  desk.wait_for(2);
  CHECK(desk.checkpoints.at(0).durable() == 5);
  CHECK(desk.outcomes.at(0).kind == job::Outcome::Kind::delivered);
}

TEST_CASE("a whole file of which a sync has failed is not delivered") {
  // The error goes to one fsync(2) only: the publisher's would succeed.
  Desk desk;
  auto received = unsyncable();
  auto saver = desk.saver();
  Gate gate(desk.disk);
  saver.save(10s, received);
  SECTION("while the last bytes came") {
    saver.deliver(whole(received), received);
    gate.open();
  }
  SECTION("before") {
    std::promise<void> saved;
    desk.disk.submit([&] { saved.set_value(); });
    gate.open();
    saved.get_future().wait();
    saver.deliver(whole(received), received);
  }
  desk.wait_for(1);
  CHECK(desk.checkpoints.empty());
  const auto& outcome = desk.outcomes.at(0);
  REQUIRE(outcome.kind == job::Outcome::Kind::failed);
  CHECK(outcome.failure->retry_class == RetryClass::retry);
  CHECK_THAT(outcome.failure->message, ContainsSubstring("cannot sync partial file 1"));
  CHECK(outcome.checkpoint == job::Checkpoint{});
  CHECK(outcome.size == 0);
  CHECK(outcome.digest.empty());
}

TEST_CASE("a checkpoint of a file that was shortened while it was saved claims only what is left") {
  Desk desk;
  auto received = desk.received();
  auto saver = desk.saver();
  received.write(0, "hello world");
  Gate gate(desk.disk);
  saver.save(10s, received);
  CHECK(engine::keep(*received.file(), received.checkpoint(), {{0, 5}}).durable() == 5);
  gate.open();
  desk.wait_for(1);
  CHECK(desk.checkpoints.at(0).durable() == 5);
  CHECK(received.checkpoint().durable() == 5);
}
