#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using job::State;

namespace {

struct ListBench : RunningBench {
  Answer<std::vector<View>> list(const control::ListQuery& query) {
    return answer_of<std::vector<View>>([&](auto reply) { service.list(query, reply); });
  }
  std::vector<job::Id> ids(const control::ListQuery& query) {
    const auto views = list(query);
    REQUIRE(views);
    std::vector<job::Id> all;
    for (const auto& view : *views) all.push_back(view.id);
    return all;
  }

  View first = download(), second = download("https://example.org/2"),
       third = download("https://example.org/3");
};

}  // namespace

TEST_CASE_METHOD(ListBench, "unfinished jobs are listed by number, the newest page first") {
  fetch(second.transfer);
  CHECK(ids({}) == std::vector{first.id, third.id});
  CHECK(ids({false, 1, {}}) == std::vector{third.id});
  CHECK(ids({false, 1, third.id}) == std::vector{first.id});
  CHECK(ids({false, 1, first.id}).empty());
}

TEST_CASE_METHOD(ListBench, "with ended ones all are listed, each as it stands now") {
  fetch(second.transfer);
  started(first.transfer);
  progress(first.transfer, 3);
  const auto all = list({true, 10, {}});
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK(all->at(0).progress.received == 3);
  CHECK(all->at(1).state == State::done);
  CHECK(all->at(2).state == State::running);
  CHECK(ids({true, 1, third.id}) == std::vector{second.id});
}

TEST_CASE_METHOD(ListBench, "what cannot be read is told") {
  storage.is_damaged = true;
  CHECK(is_refused<control::StoreFailed>(list({true, 10, {}})));
}
