#include "queue/admission.hpp"

#include <fstream>

#include "unit/queue/queue_bench.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using job::Standing;
using job::State;

namespace {

job::Request with_token(const std::string& token, const std::string& source = k_url) {
  auto request = request_for(source);
  request.token = token;
  return request;
}

constexpr auto k_digest = "md5:00000000000000000000000000000000";

/// A library with a file "big" of 5 bytes that was fetched for an entry of the catalog.
struct Library : RunningBench {
  void fill(const std::string& options) {
    configure("[big]\nurl = \"https://one/big\"\n" + options);
    const auto job = download("big");
    fetch(job.transfer);
    listener.events.clear();
  }
  /// Whether it takes an attempt to answer the request.
  bool is_fetched(const job::Request& request) {
    const auto before = threads.started.size();
    const auto job = this->request(request);
    REQUIRE(job);
    CHECK(job->state == (threads.started.size() > before ? State::queued : State::done));
    return threads.started.size() > before;
  }
};

}  // namespace

TEST_CASE_METHOD(RunningBench, "a job is on disk before its caller hears of it") {
  holds_answers = true;
  const auto answer =
      ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); });
  turn();
  CHECK_FALSE(answer->has_value());
  CHECK(threads.started.empty());
  CHECK(listener.events.empty());
  CHECK(storage.jobs.size() == 1);
  CHECK(storage.transfers.size() == 1);
  holds_answers = false;
  turn();
  REQUIRE(answer->value());
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RunningBench, "a job that cannot be written is refused, and nothing of it stays") {
  storage.disk_is_full = true;
  const auto refused = request(request_for());
  CHECK(is_refused<control::StoreFailed>(refused));
  storage.disk_is_full = false;
  advance(10s);
  CHECK(service.status().queued == 0);
  CHECK(threads.started.empty());
  CHECK(storage.jobs.empty());
}

TEST_CASE_METHOD(RunningBench, "a request carries what the caller wants of it") {
  auto wanted = request_for();
  wanted.priority = job::Priority::high;
  wanted.output = "/home/user/file";
  const auto job = request(wanted);
  CHECK(job->priority == job::Priority::high);
  CHECK(job->output == "/home/user/file");
  CHECK(job->uid == k_user.uid);
  CHECK(job->created == time.realtime());
  CHECK(job->source == k_url);
}

TEST_CASE_METHOD(RunningBench, "only so many unfinished jobs are taken") {
  config.max_jobs = 2;
  configure();
  const auto first = download(), second = download("https://example.org/2");
  const auto third = request(request_for("https://example.org/3"));
  REQUIRE(is_refused<control::QueueFull>(third));
  CHECK(std::get<control::QueueFull>(third.error()).limit == 2);
  fetch(first.transfer);
  CHECK(request(request_for("https://example.org/3")));
}

TEST_CASE_METHOD(RunningBench, "jobs that are being written down count for the limit") {
  config.max_jobs = 2;
  configure();
  std::vector<std::shared_ptr<std::optional<Answer<View>>>> answers;
  for (int i = 0; i < 3; ++i)
    answers.push_back(
        ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); }));
  turn();
  CHECK(answers[1]->value());
  CHECK(is_refused<control::QueueFull>(answers[2]->value()));
}

TEST_CASE_METHOD(RunningBench, "a token that is known brings the job that it was given with") {
  const auto first = request(with_token("t"));
  REQUIRE(first);
  SECTION("while it goes on") {}
  SECTION("after its end") {
    fetch(first->transfer);
  }
  SECTION("although another source is asked for") {
    CHECK(request(with_token("t", "https://example.org/other"))->id == first->id);
  }
  SECTION("although the source is not allowed any more") {
    CHECK(request(with_token("t", "gopher://example.org/"))->id == first->id);
  }
  SECTION("although the queue is full") {
    config.max_jobs = 0;
    configure();
  }
  const auto again = request(with_token("t"));
  REQUIRE(again);
  CHECK(again->id == first->id);
  CHECK(again->state == get(first->id).state);
  CHECK(storage.jobs.size() == 1);
}

TEST_CASE_METHOD(RunningBench, "a token is its user's own") {
  const auto first = request(with_token("t")), second = request(with_token("t"), k_other);
  CHECK(first->id != second->id);
}

TEST_CASE_METHOD(RunningBench, "what is refused is refused with an unknown token as well") {
  CHECK(is_refused<control::InvalidSource>(request(with_token("new", "gopher://example.org/"))));
  CHECK(is_refused<control::InvalidSource>(request(with_token("", "gopher://example.org/"))));
  CHECK(is_refused<control::UnknownName>(request(with_token("new", "nothing"))));
  storage.is_damaged = true;
  CHECK(is_refused<control::UnknownName>(request(with_token("new", "nothing"))));
}

TEST_CASE_METHOD(RunningBench, "equal requests of one burst share a transfer") {
  std::vector<std::shared_ptr<std::optional<Answer<View>>>> answers;
  for (int i = 0; i < 3; ++i)
    answers.push_back(
        ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); }));
  turn();
  for (const auto& answer : answers) CHECK(answer->value()->transfer == answers[0]->value()->transfer);
  CHECK(storage.groups == std::vector<std::size_t>{3});
  CHECK(storage.transfers.size() == 1);
  CHECK(threads.started.size() == 1);
}

TEST_CASE_METHOD(RunningBench, "who joins a request whose token was known gets a transfer all the same") {
  const auto known = request(with_token("t"));
  fetch(known->transfer);
  const auto again =
      ask_later<View>([&](auto reply) { service.download(with_token("t"), {}, k_user, reply); });
  const auto joined =
      ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); });
  turn();
  CHECK(again->value()->id == known->id);
  REQUIRE(joined->value());
  CHECK(storage.jobs.size() == 2);
  fetch((**joined)->transfer);
  CHECK(get((**joined)->id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "other options are another transfer") {
  const auto plain = download();
  auto wanted = request_for();
  wanted.digest = job::parse_digest(k_digest);
  CHECK(request(wanted)->transfer != plain.transfer);
  CHECK(download("https://example.org/other").transfer != plain.transfer);
}

TEST_CASE_METHOD(RunningBench, "who joins a transfer as it ends is fetched for by another one") {
  const auto first = download();
  deliver(first.transfer);
  holds_answers = true;
  const auto second =
      ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); });
  turn();
  publish(first.transfer);
  SECTION("when the end is on disk later") {}
  SECTION("when the end is on disk first") {
    // The job's row was written before the end was decided, so its answer comes first all the same.
    turn();
  }
  holds_answers = false;
  turn();
  REQUIRE(second->value());
  const auto joined = get((**second)->id);
  CHECK(joined.transfer != first.transfer);
  CHECK(storage.jobs.at(joined.id).transfer == joined.transfer);
  CHECK(joined.state == State::running);
  CHECK(get(first.id).state == State::done);
  fetch(joined.transfer);
  CHECK(get(joined.id).state == State::done);
}

TEST_CASE_METHOD(RunningBench, "a change of a job that was written late is not undone by its move") {
  const auto first = download(), paused = download();
  REQUIRE(pause(paused.id));
  fetch(first.transfer);
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(resume(paused.id)));
  CHECK(get(paused.id).state == State::running);
  storage.disk_is_full = false;
  SECTION("while its transfer is not on disk yet") {
    CHECK(is_refused<control::StoreFailed>(pause(paused.id)));
  }
  SECTION("once another job has brought that there") {
    CHECK(download().transfer == get(paused.id).transfer);
    CHECK(pause(paused.id));
  }
  advance(10s);
  CHECK(storage.jobs.at(paused.id).standing == Standing::paused);
  CHECK(storage.jobs.at(paused.id).transfer == get(paused.id).transfer);
}

TEST_CASE_METHOD(RunningBench, "a move that was written late does not undo what was written before it") {
  const auto first = download();
  deliver(first.transfer);
  holds_answers = true;
  const auto second =
      ask_later<View>([&](auto reply) { service.download(request_for(), {}, k_user, reply); });
  turn();
  publish(first.transfer);
  turn();
  storage.disk_is_full = true;
  holds_answers = false;
  turn();
  REQUIRE(second->value());
  const auto joined = get((**second)->id);
  REQUIRE(joined.transfer != first.transfer);
  storage.disk_is_full = false;
  CHECK(download().transfer == joined.transfer);
  CHECK(get(joined.id).state == State::running);
  CHECK(pause(joined.id));
  advance(10s);
  CHECK(storage.jobs.at(joined.id).standing == Standing::paused);
  CHECK(storage.jobs.at(joined.id).transfer == joined.transfer);
}

TEST_CASE_METHOD(Library, "a fresh name is done at once") {
  fill("fresh_for = \"1h\"\n");
  CHECK_FALSE(is_fetched(request_for("big")));
  const auto& [event, view] = listener.events.at(0);
  CHECK(event == job::JobEventKind::done);
  CHECK(view.path == folder.library("big"));
  CHECK(view.progress.received == 5);
  CHECK(get(view.id).state == State::done);
  CHECK(service.status().done == 2);
}

TEST_CASE_METHOD(Library, "a name is fetched anew") {
  fill("fresh_for = \"1h\"\n");
  auto wanted = request_for("big");
  SECTION("when it is old") {
    advance(2h);
  }
  SECTION("when the caller insists") {
    wanted.force = true;
  }
  SECTION("when the clock was set back behind its fetch") {
    time.set_realtime(time.realtime() - 1h);
  }
  SECTION("when somebody has taken the file away") {
    std::filesystem::remove(folder.library("big"));
  }
  SECTION("when somebody has cut it") {
    std::ofstream(folder.library("big")) << "x";
  }
  SECTION("when it comes from elsewhere now") {
    configure("[big]\nurl = \"https://two/big\"\nfresh_for = \"1h\"\n");
  }
  SECTION("when its digest is another one now") {
    configure("[big]\nurl = \"https://one/big\"\nfresh_for = \"1h\"\ndigest = \"" + std::string(k_digest) +
              "\"\n");
  }
  SECTION("when its size is another one now") {
    configure("[big]\nurl = \"https://one/big\"\nfresh_for = \"1h\"\nsize = 6\n");
  }
  CHECK(is_fetched(wanted));
}

TEST_CASE_METHOD(Library, "a name with a digest is fresh for ever, one without has to be confirmed") {
  SECTION("with") {
    fill("digest = \"" + std::string(k_digest) + "\"\n");
    advance(24h * 365);
    CHECK_FALSE(is_fetched(request_for("big")));
  }
  SECTION("without") {
    fill("");
    CHECK(is_fetched(request_for("big")));
  }
}

TEST_CASE_METHOD(Library, "a fresh name is taken although the queue is full, but not by a full disk") {
  fill("fresh_for = \"1h\"\n");
  config.max_jobs = 0;
  configure("[big]\nurl = \"https://one/big\"\nfresh_for = \"1h\"\n");
  CHECK_FALSE(is_fetched(request_for("big")));
  storage.disk_is_full = true;
  CHECK(is_refused<control::StoreFailed>(request(request_for("big"))));
}

TEST_CASE_METHOD(Library, "a known token brings its job also where a new one were done at once") {
  fill("fresh_for = \"1h\"\n");
  const auto first = request(with_token("t", "big"));
  CHECK(request(with_token("t", "big"))->id == first->id);
}

TEST_CASE_METHOD(RunningBench, "a user has so many unfinished jobs at most, which stops no other") {
  config.max_jobs_per_user.own[k_user.uid] = 2;
  configure();
  const auto first = download("https://example.org/1");
  (void)download("https://example.org/2");
  const auto third = request(request_for("https://example.org/3"));
  REQUIRE(is_refused<control::LimitReached>(third));
  CHECK(std::get<control::LimitReached>(third.error()).limit == "queue.limit_per_user");
  CHECK(std::get<control::LimitReached>(third.error()).most == 2);
  CHECK(request(request_for("https://example.org/4"), k_other));
  fetch(first.transfer);
  const auto again = request(request_for("https://example.org/3"));
  REQUIRE(again);
  REQUIRE(cancel(again->id));
  CHECK(request(request_for("https://example.org/5")));
  CHECK(is_refused<control::LimitReached>(retry(again->id)));
}

TEST_CASE_METHOD(Library, "what is answered at once has a row only where a token asks for it") {
  fill("fresh_for = \"1h\"\n");
  const auto rows = storage.jobs.size();
  const auto first = request(request_for("big"));
  REQUIRE(first);
  CHECK(storage.jobs.size() == rows);
  CHECK(get(first->id).state == State::done);
  CHECK(get(first->id).path == first->path);
  CHECK(request(with_token("t", "big")));
  CHECK(storage.jobs.size() == rows + 1);
}

TEST_CASE_METHOD(Library, "only the last jobs of a user that have no row are remembered") {
  fill("fresh_for = \"1h\"\n");
  const auto others = request(request_for("big"), k_other);
  const auto first = request(request_for("big"));
  for (int i = 0; i < 256; ++i) REQUIRE(request(request_for("big")));
  CHECK(is_refused<control::NoSuchJob>(answer_of<View>([&](auto reply) { service.get(first->id, reply); })));
  CHECK(get(others->id).state == State::done);
}
