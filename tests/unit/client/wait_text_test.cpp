#include "client/output/wait_text.hpp"

#include <algorithm>
#include <cstdlib>

#include "client/output/language.hpp"
#include "client/output/progress.hpp"
#include "client_case.hpp"
#include "fake_jobs.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using namespace std::chrono_literals;
using Catch::Matchers::EndsWith;
using client::progress_line;
using client::wait_text;
using enum job::WaitKind;

namespace {

/// Lets this process speak a language while it lives.
class Spoken {
 public:
  explicit Spoken(const char* language) { speak(language); }
  Spoken(const Spoken&) = delete;
  Spoken& operator=(const Spoken&) = delete;
  ~Spoken() { speak("C.UTF-8"); }

 private:
  static void speak(const char* language) {
    ::setenv("LC_ALL", language, 1);
    ::unsetenv("LANGUAGE");
    client::speak_language_of_environment(CONCCTL_LOCALE_DIR);
  }
};

job::WaitCause disk(std::uint64_t needed, std::uint64_t free) {
  job::WaitCause cause;
  cause.kind = disk_space;
  cause.needed = needed;
  cause.free = free;
  return cause;
}

job::WaitCause after(job::WaitKind kind, std::string message) {
  job::WaitCause cause;
  cause.kind = kind;
  cause.message = std::move(message);
  return cause;
}

struct Row {
  job::Waiting wait;
  const char* english;
  const char* spanish;
};

constexpr std::uint64_t k_mebibyte = 1 << 20;

/// Every kind, with and without what may be missing; three seconds before it goes on where it knows when.
std::vector<Row> table() {
  return {
      {{place(slot, "queue.active", 32)},
       "waits for a place: 32 transfers are running (queue.active)",
       "espera un lugar: hay 32 descargas en curso (queue.active)"},
      {{place(slot, "queue.active", 1)},
       "waits for a place: 1 transfer is running (queue.active)",
       "espera un lugar: hay 1 descarga en curso (queue.active)"},
      {{place(slot, "worker.limit", 2)},
       "waits for a place: 2 worker processes are running (worker.limit)",
       "espera un lugar: hay 2 procesos de descarga en curso (worker.limit)"},
      {{place(slot, "worker.limit", 1)},
       "waits for a place: 1 worker process is running (worker.limit)",
       "espera un lugar: hay 1 proceso de descarga en curso (worker.limit)"},
      {{place(slot, "", 0)}, "waits for a place", "espera un lugar"},
      {{place(host_slot, "queue.active_per_host", 8, "h:443")},
       "waits for a place: 8 transfers from h:443 are running (queue.active_per_host)",
       "espera un lugar: hay 8 descargas de h:443 en curso (queue.active_per_host)"},
      {{place(host_slot, "queue.active_per_host", 1, "h:443")},
       "waits for a place: 1 transfer from h:443 is running (queue.active_per_host)",
       "espera un lugar: hay 1 descarga de h:443 en curso (queue.active_per_host)"},
      {{place(user_slot, "queue.active_per_user", 4)},
       "waits for a place: 4 transfers of this user are running (queue.active_per_user)",
       "espera un lugar: hay 4 descargas de este usuario en curso (queue.active_per_user)"},
      {{place(user_slot, "queue.active_per_user", 1)},
       "waits for a place: 1 transfer of this user is running (queue.active_per_user)",
       "espera un lugar: hay 1 descarga de este usuario en curso (queue.active_per_user)"},
      {{place(host_backoff, "", 0, "h:443"), 10s},
       "h:443 could not be reached a moment ago; next try in 3s",
       "hace un momento no se pudo llegar a h:443; próximo intento en 3s"},
      {{after(offline, "no route")},
       "no network; continues when it returns",
       "no hay red; continúa cuando vuelva"},
      {{after(offline, "no route"), 10s},
       "no network; continues when it returns; next try in 3s",
       "no hay red; continúa cuando vuelva; próximo intento en 3s"},
      {{disk(1200 * k_mebibyte, 300 * k_mebibyte)},
       "the disk is full: needs 1.2 GiB, 300.0 MiB are free",
       "el disco está lleno: hacen falta 1.2 GiB y hay 300.0 MiB libres"},
      {{disk(0, 0), 10s},
       "the disk is full; checked again in 3s",
       "el disco está lleno; se vuelve a comprobar en 3s"},
      {{after(local_resource, "too many open files"), 10s},
       "too many open files; next try in 3s",
       "too many open files; próximo intento en 3s"},
      {{after(retry, "refused\x1b[2J"), 10s},
       "refused\\x1B[2J; next try in 3s",
       "refused\\x1B[2J; próximo intento en 3s"},
      {{after(retry, ""), 1s}, "next try in 0s", "próximo intento en 0s"},
  };
}

}  // namespace

TEST_CASE("why a job waits is one sentence with its figures, in English and Spanish") {
  for (const auto& row : table()) {
    CHECK(wait_text(row.wait, 7s) == row.english);
    const Spoken spanish("es_MX.UTF-8");
    CHECK(wait_text(row.wait, 7s) == row.spanish);
  }
}

TEST_CASE("the table has every kind") {
  const auto rows = table();
  for (const auto kind :
       {slot, host_slot, user_slot, host_backoff, offline, disk_space, local_resource, retry})
    CHECK(std::ranges::any_of(rows, [&](const Row& row) { return row.wait.cause->kind == kind; }));
}

TEST_CASE_METHOD(ClientCase, "list, show, monitor, download and the progress line give the same sentence") {
  job::Id id = 0;
  for (const auto& row : table()) {
    // A time that has passed is the same sentence whenever it is read.
    const auto until = row.wait.until == 0s ? 0s : 1s;
    const auto job = make_waiting(++id, "a", *row.wait.cause, until);
    const auto sentence = wait_text(*job.wait, SystemClock().realtime());
    const auto with_state = std::string(job::to_string(job.state)) + ": " + sentence;

    CHECK_THAT(progress_line({"a", &job}, 200, SystemClock().realtime()), EndsWith("  " + with_state));
    daemon.on("Get", tell(job));
    CHECK_THAT(run({"show", std::to_string(id)}).out, ContainsSubstring(" " + sentence + "\n"));
    daemon.on("List", [job](const FakeCall& call) {
      const bool first = !call.parameters.contains("before");
      call.reply(protocol::encode_jobs(first ? std::vector{job} : std::vector<job::View>{}));
    });
    CHECK_THAT(run({"list"}).out, EndsWith("\n    " + sentence + "\n"));
    daemon.on("Monitor", [job](const FakeCall& call) {
      call.reply(protocol::encode_event({job::JobEventKind::waiting, job}), true);
      call.refuse(protocol::NotPermitted{"enough"});
    });
    CHECK_THAT(run({"monitor"}).out, EndsWith("  waiting  a  " + sentence + "\n"));
    daemon.on("Download", accept(job));
    daemon.on("Wait", end_with({make_job(id, "a", job::State::done)}));
    CHECK(run({"download", "a"}).err == "concctl: a: " + with_state + "\n");
    CHECK(run({"wait", std::to_string(id)}).err == "concctl: a: " + with_state + "\n");
  }
}

TEST_CASE_METHOD(ClientCase, "with --json the figures are told as they are") {
  daemon.on("Get", tell(make_waiting(7, "a", disk(2000, 300))));
  const auto wait = nlohmann::json::parse(run({"show", "7", "--json"}).out).at("wait");
  CHECK(wait == nlohmann::json{{"kind", "disk_space"}, {"needed", 2000}, {"free", 300}});
}
