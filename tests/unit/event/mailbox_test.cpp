#include "event/mailbox.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace concd::event;

TEST_CASE("letters from another thread arrive on the loop's, in order") {
  Loop loop;
  Mailbox mailbox(loop);
  std::vector<int> seen;
  const auto here = std::this_thread::get_id();
  std::thread sender([&] {
    for (int i = 0; i < 1000; ++i)
      mailbox.post([&, i] { seen.push_back(std::this_thread::get_id() == here ? i : -1); });
    mailbox.post([&] { loop.exit(0); });
  });
  loop.run();
  sender.join();
  REQUIRE(seen.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("what a letter throws ends the loop and comes out of run") {
  Loop loop;
  Mailbox mailbox(loop);
  mailbox.post([] { throw std::runtime_error("broken"); });
  CHECK_THROWS_WITH(loop.run(), "broken");
}

TEST_CASE("a letter may post another") {
  Loop loop;
  Mailbox mailbox(loop);
  mailbox.post([&] { mailbox.post([&] { loop.exit(3); }); });
  CHECK(loop.run() == 3);
}
