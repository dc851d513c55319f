#include "control/subscriptions.hpp"

#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace concd;
using namespace concd::control;

namespace {

News done(job::Id id) {
  protocol::JobEvent event{job::JobEventKind::done, {}};
  event.job.id = id;
  return News(event);
}

}  // namespace

TEST_CASE("a watcher hears of its job only, one of all jobs of every job, until they end") {
  Subscriptions subscriptions;
  std::vector<std::string> heard;
  const auto note = [&](const std::string& who) {
    return [&heard, who](const News& news) { heard.push_back(who + std::to_string(news.job().id)); };
  };
  std::optional one = subscriptions.watch_job(1, note("one "));
  std::optional all = subscriptions.watch_all(note("all "));
  subscriptions.notify(done(1));
  subscriptions.notify(done(2));
  CHECK(heard == std::vector<std::string>{"one 1", "all 1", "all 2"});
  one.reset();
  all.reset();
  subscriptions.notify(done(1));
  CHECK(heard.size() == 3);
}

TEST_CASE("a job is watched by who watches it or all jobs, as long as they do") {
  Subscriptions subscriptions;
  const auto ignore = [](const News&) {};
  CHECK_FALSE(subscriptions.watches(1));
  {
    const auto one = subscriptions.watch_job(1, ignore);
    CHECK(subscriptions.watches(1));
    CHECK_FALSE(subscriptions.watches(2));
    const auto all = subscriptions.watch_all(ignore);
    CHECK(subscriptions.watches(2));
  }
  CHECK_FALSE(subscriptions.watches(1));
}

TEST_CASE("a watcher may end itself and others, who then hear nothing of the change under way") {
  Subscriptions subscriptions;
  int first_heard = 0, second_heard = 0;
  std::optional<Subscriptions::Subscription> first, second;
  first.emplace(subscriptions.watch_job(1, [&](const News&) {
    ++first_heard;
    second.reset();
    first.reset();
  }));
  second.emplace(subscriptions.watch_job(1, [&](const News&) { ++second_heard; }));
  subscriptions.notify(done(1));
  subscriptions.notify(done(1));
  CHECK(first_heard == 1);
  CHECK(second_heard == 0);
}

TEST_CASE("who begins to watch in the middle of a change hears of the next one") {
  Subscriptions subscriptions;
  int heard = 0;
  std::vector<Subscriptions::Subscription> late;
  const auto early = subscriptions.watch_job(1, [&](const News&) {
    if (late.empty()) late.push_back(subscriptions.watch_job(1, [&](const News&) { ++heard; }));
  });
  subscriptions.notify(done(1));
  CHECK(heard == 0);
  subscriptions.notify(done(1));
  CHECK(heard == 1);
}
