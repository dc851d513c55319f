#include "client/connection.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "protocol/message.hpp"
#include "util/errno_error.hpp"

namespace concd::client {
namespace {

using nlohmann::json;

constexpr std::string_view k_interface = "io.concd.";
constexpr std::size_t k_descriptors = 8;  ///< at most that nobody has taken; concd sends one a result
constexpr auto k_descriptors_pause = std::chrono::milliseconds(1);
constexpr unsigned k_receives = 16;  ///< of one turn(): whoever never stops sending must not stop ^C

int connect_to(int fd, const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& path = socket.native();
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  int result = 0;
  do result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  while (result < 0 && errno == EINTR);
  return result < 0 ? errno : 0;
}

void keep_descriptors(msghdr& message, std::vector<UniqueFd>& descriptors) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
}

/// The daemon is about to close the connection: for a caller that is the same as if it had.
bool says_goodbye(const protocol::WireError& error) {
  return protocol::is_refusal<protocol::ShuttingDown>(error);
}

[[noreturn]] void lost(const std::string& why) {
  throw ConnectionLost(why);
}

}  // namespace

CannotConnect::CannotConnect(const std::filesystem::path& socket, int error)
    : std::system_error(error, std::generic_category(), socket.string()), m_socket(socket) {}

std::string CannotConnect::describe() const {
  const auto path = printable(m_socket.string());
  const auto error = code().value();
  if (error == EACCES || error == EPERM)
    return phrase(_("not permitted to use {0}: become a member of the group concd (adduser USER concd, then "
                    "log in again) or use sudo"),
                  path);
  return phrase(_("cannot reach concd at {0}: {1}; start it with: systemctl start concd"), path,
                errno_text(error));
}

BadReply::BadReply() : BadReply(protocol::InvalidParameter{}) {}

BadReply::BadReply(const protocol::InvalidParameter& wrong)
    : std::runtime_error(
          wrong.unknown_word
              ? _("this concctl is older than concd and does not understand its reply; upgrade concctl")
              : _("concd sent something that is not a reply")) {}

Connection Connection::open(const std::filesystem::path& socket) {
  UniqueFd fd(check_errno(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  if (const auto error = connect_to(fd.get(), socket); error != 0) throw CannotConnect(socket, error);
  return Connection(std::move(fd));
}

void Connection::call(std::string_view method, const json& parameters, OnReply on_reply, bool more) {
  protocol::MethodCall call;
  call.method = std::string(k_interface).append(method);
  call.parameters = parameters;
  call.more = more;
  auto frame = protocol::encode_frame(protocol::serialise(call));
  if (m_unsent.empty() || m_unsent.back().descriptor)
    m_unsent.push_back({std::move(frame), UniqueFd()});
  else
    m_unsent.back().bytes += frame;
  m_calls.push_back({std::move(on_reply), more});
}

void Connection::call_with(UniqueFd descriptor, std::string_view method, const json& parameters,
                           OnReply on_reply) {
  if (descriptor) m_unsent.emplace_back();
  call(method, parameters, std::move(on_reply));
  if (descriptor) m_unsent.back().descriptor = std::move(descriptor);
}

short Connection::events() const {
  return static_cast<short>(m_unsent.empty() ? POLLIN : POLLIN | POLLOUT);
}

void Connection::turn() {
  send_some();
  for (unsigned i = 0; i < k_receives && receive_some(); ++i)
    while (const auto frame = m_reader.next()) hand_out(*frame);
}

CallResult Connection::ask(std::string_view method, const json& parameters) {
  std::optional<CallResult> answer;
  call(method, parameters, [&](const CallResult& reply, bool) { answer = reply; });
  while (!answer) {
    pollfd wait{fd(), events(), 0};
    if (::poll(&wait, 1, -1) < 0 && errno != EINTR) throw errno_error("poll");
    try {
      turn();
    } catch (const ConnectionLost&) {
      // Why the daemon has closed the connection is its last word.
      if (!answer) throw;
    }
  }
  return std::move(*answer);
}

UniqueFd Connection::take_descriptor(std::size_t index) {
  auto descriptors = std::move(m_descriptors);
  m_descriptors.clear();
  return index < descriptors.size() ? std::move(descriptors[index]) : UniqueFd();
}

void Connection::send_some() {
  while (!m_unsent.empty()) {
    const auto sent = send_front();
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    // More descriptors are on their way than may be, until the daemon has taken some: poll(2) tells nothing.
    if (sent < 0 && errno == ETOOMANYREFS) return std::this_thread::sleep_for(k_descriptors_pause);
    // What the daemon said before it hung up is still to be read; the end shows there.
    if (sent < 0) return m_unsent.clear();
    auto& front = m_unsent.front();
    // Once a part of the frame is on its way so is the descriptor.
    front.descriptor.reset();
    front.bytes.erase(0, static_cast<std::size_t>(sent));
    if (front.bytes.empty()) m_unsent.pop_front();
  }
}

ssize_t Connection::send_front() {
  auto& front = m_unsent.front();
  iovec part{front.bytes.data(), front.bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (front.descriptor) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const rights = CMSG_FIRSTHDR(&message);
    const int fd = front.descriptor.get();
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  }
  return ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool Connection::receive_some() {
  std::array<char, 65536> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(k_descriptors * sizeof(int))> control;
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto count = ::recvmsg(m_socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (count < 0 && errno == EINTR) return true;
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (count < 0) lost(errno_text(errno));
  if (count == 0) lost(_("concd closed the connection"));
  keep_descriptors(message, m_descriptors);
  if (m_descriptors.size() > k_descriptors || (message.msg_flags & MSG_CTRUNC) != 0) throw BadReply();
  if (!m_reader.feed({bytes.data(), static_cast<std::size_t>(count)})) throw BadReply();
  return true;
}

void Connection::hand_out(const std::string& frame) {
  auto message = protocol::parse_reply(frame);
  if (!message || m_calls.empty()) throw BadReply();
  const bool more = message->continues;
  // Its caller has what it wanted and may be gone.
  if (more && !m_calls.front().more) throw BadReply();
  CallResult reply = std::move(message->parameters);
  if (!message->error.empty()) {
    protocol::WireError error{std::move(message->error), std::move(*reply)};
    if (says_goodbye(error)) lost(_("concd is stopping"));
    reply = tl::unexpected(std::move(error));
  }
  if (more) return m_calls.front().on_reply(reply, true);
  const auto call = std::move(m_calls.front());
  m_calls.pop_front();
  call.on_reply(reply, false);
}

}  // namespace concd::client
