#include "fake_socket.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

#include "protocol/frame.hpp"
#include "worker/spawn.hpp"

namespace concd::worker {
namespace {

/// Reads once, and keeps the descriptors that come.
std::string read_some(std::vector<UniqueFd>& descriptors) {
  char buffer[4096];
  alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
  iovec part{buffer, sizeof buffer};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto count = ::recvmsg(k_worker_socket, &message, MSG_CMSG_CLOEXEC);
  if (count <= 0) std::exit(EXIT_SUCCESS);
  if (const auto* header = CMSG_FIRSTHDR(&message)) {
    const auto passed = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::vector<int> numbers(passed);
    std::memcpy(numbers.data(), CMSG_DATA(header), passed * sizeof(int));
    for (const int number : numbers) descriptors.emplace_back(number);
  }
  return {buffer, static_cast<std::size_t>(count)};
}

}  // namespace

void wait_for(short events) {
  pollfd poll{k_worker_socket, events, 0};
  ::poll(&poll, 1, -1);
}

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
  static std::vector<UniqueFd> descriptors;
  for (;;) {
    if (const auto text = reader.next()) return decode_command(*text, std::exchange(descriptors, {})).value();
    wait_for(POLLIN);
    if (!reader.feed(read_some(descriptors))) std::abort();
  }
}

void pass(int descriptor, const std::string& text) {
  auto bytes = protocol::encode_frame(text);
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  if (::sendmsg(k_worker_socket, &message, MSG_NOSIGNAL) < 0) std::abort();
}

}  // namespace concd::worker
