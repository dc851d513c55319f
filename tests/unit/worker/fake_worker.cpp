// Stands in for concd-worker in executor_test.cpp: the URL of the task says how it misbehaves.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/frame.hpp"
#include "worker/messages.hpp"
#include "worker/spawn.hpp"

using namespace concd;
using namespace concd::worker;

namespace {

void wait_for(short events) {
  pollfd poll{k_worker_socket, events, 0};
  ::poll(&poll, 1, -1);
}

/// Writes until all is gone or the daemon has hung up.
void say_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(k_worker_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) std::exit(EXIT_FAILURE);
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    if (count < 0) wait_for(POLLOUT);
  }
}

void say(const Report& report) {
  say_bytes(protocol::encode_frame(encode(report)));
}

Command hear() {
  static protocol::FrameReader reader;
  for (;;) {
    if (const auto text = reader.next()) return decode_command(*text).value();
    wait_for(POLLIN);
    char buffer[4096];
    const auto count = ::recv(k_worker_socket, buffer, sizeof buffer, 0);
    if (count == 0) std::exit(EXIT_SUCCESS);
    if (count > 0 && !reader.feed({buffer, static_cast<std::size_t>(count)})) std::abort();
  }
}

job::Outcome outcome(job::Outcome::Kind kind, std::string text = {}) {
  job::Outcome result;
  result.kind = kind;
  result.validators.etag = std::move(text);
  return result;
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
  for (const auto resource : {RLIMIT_NOFILE, RLIMIT_CORE}) {
    rlimit limits{};
    getrlimit(resource, &limits);
    text += " " + std::to_string(limits.rlim_max);
  }
  return text;
}

[[noreturn]] void sleep_forever() {
  for (;;) ::pause();
}

void misbehave(const job::Task& task) {
  const auto& url = task.url;
  job::Checkpoint checkpoint;
  checkpoint.durable = 4096;
  if (url == "good") {
    say(Started{});
    say(job::Progress{10, 20, 5});
    say(checkpoint);
    say(outcome(job::Outcome::Kind::published));
  } else if (url == "killed") {
    say(Started{});
    say(checkpoint);
    ::kill(::getpid(), SIGKILL);
  } else if (url == "exit 3") {
    std::exit(3);
  } else if (url == "garbage") {
    say_bytes(protocol::encode_frame("{\"progress\":{\"received\":-1}}"));
    sleep_forever();
  } else if (url == "flood of reports") {
    // Made in advance: a slow machine must not make them so few that they are no flood.
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += protocol::encode_frame(encode(job::Progress{}));
    for (;;) say_bytes(flood);
  } else if (url == "flood of bytes") {
    for (;;) say_bytes("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
  } else if (url == "hangs up") {
    ::shutdown(k_worker_socket, SHUT_RDWR);
    sleep_forever();
  } else if (url == "cut off") {
    say_bytes("{\"outcome\"");
  } else if (url == "started twice") {
    say(Started{});
    say(Started{});
    sleep_forever();
  } else if (url == "stops when asked") {
    say(Started{});
    if (!std::holds_alternative<Stop>(hear())) std::abort();
    say(outcome(job::Outcome::Kind::stopped, "asked"));
  } else if (url == "stops by itself") {
    say(outcome(job::Outcome::Kind::stopped));
  } else if (url == "deaf") {
    std::signal(SIGTERM, SIG_IGN);
    say(Started{});
    say(checkpoint);
    sleep_forever();
  } else if (url == "stays after its outcome") {
    say(outcome(job::Outcome::Kind::published));
    sleep_forever();
  } else if (url == "surroundings") {
    say(outcome(job::Outcome::Kind::published, surroundings()));
  } else if (url == "echo") {
    say(outcome(job::Outcome::Kind::published, encode(Begin{task, ""})));
  }
}

}  // namespace

int main() {
  misbehave(std::get<Begin>(hear()).task);
}
