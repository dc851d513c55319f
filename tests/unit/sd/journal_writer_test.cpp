#include "sd/journal_writer.hpp"

#include <future>

#include "support/catch.hpp"

using concd::sd::JournalEntry;
using concd::sd::JournalWriter;

TEST_CASE("entries arrive in order, and all of them before the writer ends") {
  std::vector<std::string> seen;
  {
    JournalWriter writer([&](const JournalEntry& entry) { seen.push_back(entry.front()); });
    for (int i = 0; i < 100; ++i) writer.push({std::to_string(i)});
  }
  REQUIRE(seen.size() == 100);
  CHECK(seen.front() == "0");
  CHECK(seen.back() == "99");
}

TEST_CASE("a stuck journal holds nobody up; the oldest entries are dropped and that is said") {
  std::promise<void> entered, release;
  std::vector<std::string> seen;
  {
    bool first = true;
    JournalWriter writer([&](const JournalEntry& entry) {
      if (std::exchange(first, false)) {
        entered.set_value();
        release.get_future().wait();
      }
      seen.push_back(entry.front());
    });
    writer.push({"stuck"});
    entered.get_future().wait();
    for (std::size_t i = 0; i < JournalWriter::k_max + 10; ++i) writer.push({std::to_string(i)});
    release.set_value();
  }
  REQUIRE(seen.size() == JournalWriter::k_max + 2);
  CHECK(seen[0] == "stuck");
  CHECK_THAT(seen[1], ContainsSubstring("did not take 10 entries"));
  CHECK(seen[2] == "10");
}
