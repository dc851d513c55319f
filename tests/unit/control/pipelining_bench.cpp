// How many Downloads a second one connection gets through when nothing but daemon/control and daemon/protocol
// takes time; the backend answers all that is begun at once, as a commit does. Run by hand, in a
// RelWithDebInfo build: unit_control '[.bench]'.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

#include "support/catch.hpp"
#include "util/errno_error.hpp"
#include "wire.hpp"

namespace {

using namespace concd;
using namespace concd::control;

std::string calls_of(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i)
    bytes += protocol::encode_frame(
        R"({"method":"io.concd.Download","parameters":{"source":"http://127.0.0.1:8080/files/file-)" +
        std::to_string(i) + R"(.bin"}})");
  return bytes;
}

/// Writes the calls and counts the replies, on a thread of its own.
void talk(int socket, std::string_view bytes, std::size_t replies) {
  std::string buffer(1 << 20, '\0');
  while (replies > 0) {
    pollfd wait{socket, static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    check_errno(::poll(&wait, 1, -1), "poll");
    if ((wait.revents & POLLOUT) != 0)
      if (const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL); sent > 0)
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    if ((wait.revents & POLLIN) != 0) {
      const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (count <= 0) std::abort();
      replies -= static_cast<std::size_t>(std::count(buffer.begin(), buffer.begin() + count, '\0'));
    }
  }
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

TEST_CASE("10,000 pipelined Downloads", "[.bench]") {
  constexpr std::size_t k_count = 10'000;
  const auto bytes = calls_of(k_count);
  Wire wire;
  wire.backend.hold = true;
  const auto socket = wire.connect();
  const auto begin = std::chrono::steady_clock::now();
  const auto cpu = cpu_seconds();
  std::thread client([&] { talk(socket.get(), bytes, k_count); });
  for (std::size_t answered = 0; answered < k_count;) {
    wire.settle();
    for (; wire.backend.held() > 0; ++answered) wire.backend.answer_one();
  }
  wire.settle();
  const double used = cpu_seconds() - cpu;
  client.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.0f calls/s, %.2f us of the daemon's CPU each\n", k_count / took.count(),
              used * 1e6 / k_count);
}
