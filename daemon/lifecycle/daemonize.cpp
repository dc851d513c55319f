#include "lifecycle/daemonize.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::lifecycle {
namespace {

/// What goes over the channel, as one SOCK_SEQPACKET message.
struct Word {
  int status = 0;
  pid_t daemon = 0;
  std::array<char, 1000> message{};
};

void say(int channel, const Word& word) noexcept {
  while (::send(channel, &word, sizeof word, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

std::optional<Word> hear(int channel) {
  Word word;
  ssize_t count = 0;
  do count = ::recv(channel, &word, sizeof word, 0);
  while (count < 0 && errno == EINTR);
  return count == sizeof word ? std::optional(word) : std::nullopt;
}

void wait_for(pid_t child) {
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// The first process from the fork to its end.
[[noreturn]] void see_through(UniqueFd channel, pid_t child, const std::function<void(pid_t)>& hand_over) {
  wait_for(child);
  const auto word = hear(channel.get());
  if (!word) {
    std::fputs("concd: the daemon ended before it was ready\n", stderr);
    std::_Exit(EXIT_FAILURE);
  }
  if (word->status != 0) {
    std::fprintf(stderr, "concd: %s\n", word->message.data());
    std::_Exit(word->status);
  }
  hand_over(word->daemon);
  std::_Exit(EXIT_SUCCESS);
}

void point_standard_descriptors_to_null() {
  const auto null = open_file("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    check_errno(::dup2(null.get(), fd), "dup2");
}

}  // namespace

void Handover::ready() {
  Word word;
  word.daemon = ::getpid();
  say(m_channel.get(), word);
  // The first process ends when it has handed over, which closes its end.
  hear(m_channel.get());
  m_channel.reset();
}

void Handover::failed(int status, const std::string& message) noexcept {
  Word word;
  word.status = status;
  std::memcpy(word.message.data(), message.data(), std::min(message.size(), word.message.size() - 1));
  say(m_channel.get(), word);
}

Handover daemonize(const std::function<void(pid_t)>& hand_over) {
  int ends[2];
  check_errno(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
  UniqueFd first_end(ends[0]), daemon_end(ends[1]);
  std::fflush(nullptr);

  const auto child = check_errno(::fork(), "fork");
  if (child != 0) {
    daemon_end.reset();
    see_through(std::move(first_end), child, hand_over);
  }
  first_end.reset();
  check_errno(::setsid(), "setsid");
  // The second fork: a process that leads no session can never get a terminal again.
  if (check_errno(::fork(), "fork") != 0) std::_Exit(EXIT_SUCCESS);
  check_errno(::chdir("/"), "chdir /");
  point_standard_descriptors_to_null();
  return Handover(std::move(daemon_end));
}

}  // namespace concd::lifecycle
