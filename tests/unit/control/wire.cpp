#include "wire.hpp"

#include <array>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-event.h>

#include "support/catch.hpp"
#include "util/errno_error.hpp"

namespace concd::control {
namespace {

/// Only so that a broken server fails the test instead of stopping it.
constexpr std::uint64_t k_timeout = 20'000'000;

sockaddr_un address_in(const std::filesystem::path& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (folder / "socket").c_str());
  return address;
}

UniqueFd new_socket(int flags) {
  return UniqueFd(check_errno(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "socket"));
}

}  // namespace

Wire::Wire() {
  const auto address = address_in(m_folder.path());
  auto listener = new_socket(0);
  check_errno(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  check_errno(::listen(listener.get(), 4096), "listen");
  server.emplace(loop, clock, std::move(listener), methods);
  // Tests connect as one user.
  server->set_limits({.connections = 4096, .connections_per_user = 4096, .memory_per_user = 256 << 20});
}

void Wire::settle() {
  while (sd_event_run(loop.raw(), 0) > 0) continue;
}

void Wire::turn() {
  if (sd_event_run(loop.raw(), k_timeout) <= 0) throw std::runtime_error("nothing happens any more");
}

UniqueFd Wire::connect() const {
  const auto address = address_in(m_folder.path());
  auto socket = new_socket(SOCK_NONBLOCK);
  check_errno(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              "connect");
  return socket;
}

void Wire::change(job::Id id, job::State state, job::JobEventKind kind) {
  auto& job = backend.jobs.at(id);
  job.state = state;
  server->job_changed(kind, job);
}

Caller::Caller(Wire& wire) : m_wire(wire), m_socket(wire.connect()) {}

void Caller::send(std::string_view bytes, const std::vector<int>& with) {
  std::string text(bytes);
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(with.size() * sizeof(int));
  auto* const rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(with.size() * sizeof(int));
  std::memcpy(CMSG_DATA(rights), with.data(), with.size() * sizeof(int));
  REQUIRE(::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

void Caller::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EPIPE) return;
    if (sent < 0 && errno != EAGAIN) throw errno_error("send");
    if (sent < 0) {
      m_wire.turn();
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
}

void Caller::call(const std::string& method, const nlohmann::json& parameters, const std::string& flag) {
  nlohmann::json message{{"method", method}, {"parameters", parameters}};
  if (!flag.empty()) message[flag] = true;
  send(protocol::encode_frame(message.dump()));
}

nlohmann::json Caller::receive() {
  while (true) {
    if (const auto frame = m_frames.next()) return nlohmann::json::parse(*frame);
    if (m_ended) return nullptr;
    if (!read_some()) m_wire.turn();
  }
}

nlohmann::json Caller::ask(const std::string& method, const nlohmann::json& parameters) {
  call(method, parameters);
  return receive();
}

bool Caller::silent() {
  m_wire.settle();
  return !read_some();
}

void Caller::half_close() {
  check_errno(::shutdown(m_socket.get(), SHUT_WR), "shutdown");
}

bool Caller::read_some() {
  std::array<char, 65536> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(16 * sizeof(int))> control;
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto count = ::recvmsg(m_socket.get(), &message, MSG_CMSG_CLOEXEC);
  if (count < 0 && errno == EAGAIN) return false;
  m_ended = count <= 0;
  if (m_ended) return true;
  for (auto* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item))
    for (std::size_t i = 0; CMSG_LEN(i * sizeof(int)) < item->cmsg_len; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(item) + i * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  CHECK(m_frames.feed({bytes.data(), static_cast<std::size_t>(count)}));
  return true;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

}  // namespace concd::control
