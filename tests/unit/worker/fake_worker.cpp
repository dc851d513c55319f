// Stands in for concd-worker: the URL of the task, or the text of the archive, says how it misbehaves.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_socket.hpp"
#include "protocol/frame.hpp"
#include "util/file.hpp"
#include "worker/messages.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

/// What is open and so on before the first command.
std::string g_surroundings;

job::Outcome outcome(job::Outcome::Kind kind, std::string text = {}) {
  job::Outcome result;
  result.kind = kind;
  result.validators.etag = std::move(text);
  return result;
}

rlim_t hard_limit(__rlimit_resource resource) {
  rlimit limits{};
  ::getrlimit(resource, &limits);
  return limits.rlim_max;
}

/// The open descriptors, the environment, the blocked signals and the limits, as one line.
std::string surroundings() {
  std::string text = "fds";
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    const auto target = std::filesystem::read_symlink(entry.path());
    // The iterator's own descriptor is open as well.
    if (target.filename() != "fd") text += " " + std::to_string(fd);
  }
  for (char** variable = environ; *variable != nullptr; ++variable) text += std::string(" ") + *variable;
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  text += sigisemptyset(&blocked) ? " unblocked" : " blocked";
  text += std::signal(SIGPIPE, SIG_DFL) == SIG_DFL ? " default" : " ignored";
  for (const auto resource : {RLIMIT_NOFILE, RLIMIT_CORE}) text += " " + std::to_string(hard_limit(resource));
  return text;
}

[[noreturn]] void sleep_forever() {
  for (;;) ::pause();
}

/// As the message of a failure, which the executor passes on.
void say_text(std::string text) {
  auto result = outcome(job::Outcome::Kind::failed);
  result.failure = job::Failure{job::FailureKind::other, job::RetryClass::none, std::move(text)};
  say(result);
}

constexpr std::uint64_t k_size = 4096;

void fill(const job::SharedFd& file) {
  const std::string bytes(k_size, 'x');
  if (::pwrite(file->get(), bytes.data(), bytes.size(), 0) != k_size) std::abort();
}

job::Checkpoint checkpoint_in(std::uint32_t part, std::uint64_t durable = k_size) {
  job::Checkpoint checkpoint;
  checkpoint.part = part;
  checkpoint.set_durable(durable);
  return checkpoint;
}

job::Outcome delivered(std::uint32_t part, std::uint64_t size) {
  auto result = outcome(job::Outcome::Kind::delivered);
  result.checkpoint.part = part;
  result.size = size;
  result.digest = "never to be believed";
  return result;
}

void start_and_fill(const job::Task& task) {
  fill(task.fresh);
  say(Started{});
}

void say_and_stay(const Report& report) {
  say(report);
  sleep_forever();
}

void flood(const std::string& bytes) {
  for (;;) say_bytes(bytes);
}

/// Made in advance: a slow machine must not make them too few for a flood.
std::string many_reports() {
  std::string reports;
  for (int i = 0; i < 1000; ++i) reports += protocol::encode_frame(encode(job::Progress{}));
  return reports;
}

void deliver_well(const job::Task& task) {
  start_and_fill(task);
  say(job::Progress{10, 20, 5});
  say(checkpoint_in(task.fresh_part));
  say(delivered(task.fresh_part, k_size));
}

void deliver_another_file(const job::Task& task) {
  // Its own, of the right size and with a name of its own choosing, is not what it was handed.
  start_and_fill(task);
  say(delivered(task.fresh_part + 1, k_size));
}

void die_after_checkpoint(const job::Task& task) {
  start_and_fill(task);
  say(checkpoint_in(task.fresh_part));
  ::kill(::getpid(), SIGKILL);
}

void obey(const job::Task&) {
  say(Started{});
  if (!std::holds_alternative<Stop>(hear())) std::abort();
  say(outcome(job::Outcome::Kind::stopped, "asked"));
}

void be_deaf(const job::Task&) {
  std::signal(SIGTERM, SIG_IGN);
  say(Started{});
  sleep_forever();
}

void smuggle_field(const job::Task& task) {
  start_and_fill(task);
  auto checkpoint = checkpoint_in(task.fresh_part);
  checkpoint.validators.last_modified = "Sun\r\nX: y";
  say_and_stay(checkpoint);
}

void deliver_smuggled_field(const job::Task& task) {
  start_and_fill(task);
  auto result = delivered(task.fresh_part, k_size);
  result.validators.etag = "\"a\"\r\nX: y";
  say(result);
}

void name_foreign_url(const job::Task& task) {
  start_and_fill(task);
  auto checkpoint = checkpoint_in(task.fresh_part);
  checkpoint.url = "https://elsewhere.example";
  say_and_stay(checkpoint);
}

void hang_up(const job::Task&) {
  ::shutdown(k_worker_socket, SHUT_RDWR);
  sleep_forever();
}

const std::map<std::string, std::function<void(const job::Task&)>> k_transfers{
    {"good", deliver_well},
    {"continues",
     [](const job::Task& task) {
       fill(task.kept);
       say(delivered(task.checkpoint.part, k_size));
     }},
    {"killed", die_after_checkpoint},
    {"breaks out", [](const job::Task&) { ::kill(::getpid(), SIGSYS); }},
    {"is alive",
     [](const job::Task&) {
       say(Started{});
       say(Alive{});
       say_text("said that it is alive");
     }},
    {"exit 3", [](const job::Task&) { std::exit(3); }},
    {"garbage",
     [](const job::Task&) {
       say_bytes(protocol::encode_frame("{\"progress\":{\"received\":-1}}"));
       sleep_forever();
     }},
    {"too much progress", [](const job::Task&) { say_and_stay(job::Progress{1ULL << 63, {}, 0}); }},
    {"flood of reports", [](const job::Task&) { flood(many_reports()); }},
    {"flood of bytes", [](const job::Task&) { flood(std::string(64, 'x')); }},
    {"hangs up", hang_up},
    {"cut off", [](const job::Task&) { say_bytes("{\"outcome\""); }},
    {"started twice",
     [](const job::Task&) {
       say(Started{});
       say_and_stay(Started{});
     }},
    {"stops when asked", obey},
    {"stops by itself", [](const job::Task&) { say(outcome(job::Outcome::Kind::stopped)); }},
    {"deaf", be_deaf},
    {"stays after its outcome",
     [](const job::Task& task) {
       fill(task.fresh);
       say_and_stay(delivered(task.fresh_part, k_size));
     }},
    {"surroundings", [](const job::Task&) { say_text(g_surroundings); }},
    {"echo", [](const job::Task& task) { say_text(encode(Begin{task, ""})); }},
    {"descriptor",
     [](const job::Task& task) {
       pass(task.fresh->get(), encode(Started{}));
       sleep_forever();
     }},
    {"delivers a short file",
     [](const job::Task& task) {
       start_and_fill(task);
       say(delivered(task.fresh_part, k_size + 1));
     }},
    {"delivers a long file",
     [](const job::Task& task) {
       start_and_fill(task);
       say(delivered(task.fresh_part, k_size - 1));
     }},
    {"delivers nothing", [](const job::Task& task) { say(delivered(task.fresh_part, k_size)); }},
    {"delivers no file", [](const job::Task&) { say(delivered(0, k_size)); }},
    {"delivers another file", deliver_another_file},
    {"delivers more than is there",
     [](const job::Task& task) {
       start_and_fill(task);
       auto result = delivered(task.fresh_part, k_size);
       result.checkpoint = checkpoint_in(task.fresh_part, k_size + 1);
       say(result);
     }},
    {"names a wrong part",
     [](const job::Task& task) {
       start_and_fill(task);
       say_and_stay(checkpoint_in(task.fresh_part + 1));
     }},
    {"names an earlier part that is gone",
     [](const job::Task& task) { say_and_stay(checkpoint_in(task.checkpoint.part, 1)); }},
    {"stops in a wrong part",
     [](const job::Task& task) {
       auto result = outcome(job::Outcome::Kind::stopped);
       result.checkpoint = checkpoint_in(task.fresh_part + 1);
       say_and_stay(result);
     }},
    {"syncs what is not there",
     [](const job::Task& task) {
       start_and_fill(task);
       say_and_stay(checkpoint_in(task.fresh_part, k_size + 1));
     }},
    {"names a foreign URL", name_foreign_url},
    {"smuggles a field", smuggle_field},
    {"smuggles a field in its outcome",
     [](const job::Task&) { say_and_stay(outcome(job::Outcome::Kind::stopped, "\"a\nb\"")); }},
    {"delivers a smuggled field", deliver_smuggled_field},
    {"unchanged", [](const job::Task&) { say(outcome(job::Outcome::Kind::unchanged)); }},
    {"unpacks", [](const job::Task&) { say_and_stay(Unpacked{}); }},
};

const std::map<std::string, std::function<void(const Unpack&)>> k_unpackings{
    {"good",
     [](const Unpack& order) {
       say(Started{});
       // Where it was handed to, by the descriptor alone.
       const UniqueFd made(::openat(order.folder->get(), "made", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
       if (!made) std::abort();
       say(Unpacked{});
     }},
    {"bad",
     [](const Unpack&) {
       say(Unpacked{job::Failure{job::FailureKind::verification, job::RetryClass::none, "a bomb"}});
     }},
    {"deaf",
     [](const Unpack&) {
       say(Started{});
       sleep_forever();
     }},
    {"limits",
     [](const Unpack&) {
       const auto text =
           std::to_string(hard_limit(RLIMIT_CPU)) + " " + std::to_string(hard_limit(RLIMIT_FSIZE));
       say(Unpacked{job::Failure{job::FailureKind::other, job::RetryClass::none, text}});
     }},
    {"killed", [](const Unpack&) { ::kill(::getpid(), SIGKILL); }},
    {"spins", [](const Unpack&) { ::kill(::getpid(), SIGXCPU); }},
    {"transfers", [](const Unpack&) { say_and_stay(outcome(job::Outcome::Kind::delivered)); }},
    {"started twice",
     [](const Unpack&) {
       say(Started{});
       say_and_stay(Started{});
     }},
};

}  // namespace

int main() {
  // The limits are set before the order is sent.
  wait_for(POLLIN);
  g_surroundings = surroundings();
  const auto command = hear();
  if (const auto* begin = std::get_if<Begin>(&command)) k_transfers.at(begin->task.url)(begin->task);
  if (const auto* order = std::get_if<Unpack>(&command)) {
    ::lseek(order->archive->get(), 0, SEEK_SET);
    k_unpackings.at(read_text(order->archive->get(), "the archive"))(*order);
  }
}
