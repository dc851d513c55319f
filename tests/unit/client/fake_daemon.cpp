#include "fake_daemon.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/message.hpp"
#include "util/errno_error.hpp"

namespace concd::test {

void FakeSession::send(const std::string& bytes, int descriptor) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  // The client may be gone; then nobody misses it.
  [[maybe_unused]] const auto sent = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL);
}

void FakeSession::hang_up() {
  ::shutdown(m_socket.get(), SHUT_RDWR);
}

void FakeCall::reply(const nlohmann::json& reply_parameters, bool continues) const {
  session->send(
      protocol::encode_frame(protocol::serialise(protocol::MethodReply{reply_parameters, continues, {}})));
}

void FakeCall::reply_with_descriptor(const nlohmann::json& reply_parameters, int descriptor) const {
  session->send(
      protocol::encode_frame(protocol::serialise(protocol::MethodReply{reply_parameters, false, {}})),
      descriptor);
}

void FakeCall::refuse(const protocol::Refusal& refusal) const {
  const auto error = protocol::error_of(refusal);
  session->send(protocol::encode_frame(
      protocol::serialise(protocol::MethodReply{error.parameters, false, error.name})));
}

FakeDaemon::FakeDaemon(std::filesystem::path socket) : m_path(std::move(socket)) {}

FakeDaemon::~FakeDaemon() {
  stop();
}

void FakeDaemon::on(const std::string& method, Handler handler) {
  const std::lock_guard lock(m_mutex);
  m_handlers[method] = std::move(handler);
}

void FakeDaemon::start() {
  m_stop.reset(check_errno(::eventfd(0, EFD_CLOEXEC), "eventfd"));
  m_listener.reset(check_errno(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, m_path.c_str(), sizeof address.sun_path - 1);
  check_errno(::bind(m_listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
              m_path.string());
  check_errno(::listen(m_listener.get(), 16), "listen");
  m_thread = std::thread([this] { serve(); });
}

void FakeDaemon::stop() {
  if (!m_thread.joinable()) return;
  check_errno(::eventfd_write(m_stop.get(), 1), "eventfd");
  m_thread.join();
  ::unlink(m_path.c_str());
  m_listener.reset();
  for (const auto& session : m_sessions) session->hang_up();
  m_sessions.clear();
}

std::vector<FakeCall> FakeDaemon::wait_for(const std::string& method, std::size_t count) {
  std::unique_lock lock(m_mutex);
  const auto counted = [&] {
    return std::ranges::count(m_calls, method, &FakeCall::method) >= static_cast<std::ptrdiff_t>(count);
  };
  if (!m_called.wait_for(lock, std::chrono::seconds(60), counted))
    throw std::runtime_error("never called: " + method);
  lock.unlock();
  return calls(method);
}

std::vector<FakeCall> FakeDaemon::calls(const std::string& method) {
  const std::lock_guard lock(m_mutex);
  std::vector<FakeCall> found;
  std::ranges::copy_if(m_calls, std::back_inserter(found),
                       [&](const auto& call) { return call.method == method; });
  return found;
}

void FakeDaemon::serve() {
  for (;;) {
    std::vector<pollfd> inputs{{m_stop.get(), POLLIN, 0}, {m_listener.get(), POLLIN, 0}};
    for (const auto& session : m_sessions) inputs.push_back({session->fd(), POLLIN, 0});
    ::poll(inputs.data(), inputs.size(), -1);
    if (inputs[0].revents != 0) return;
    for (std::size_t i = m_sessions.size(); i-- > 0;)
      if (inputs[i + 2].revents != 0 && !serve_session(m_sessions[i]))
        m_sessions.erase(m_sessions.begin() + static_cast<std::ptrdiff_t>(i));
    if (inputs[1].revents != 0) accept_one();
  }
}

void FakeDaemon::accept_one() {
  UniqueFd socket(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket) m_sessions.push_back(std::make_shared<FakeSession>(std::move(socket)));
}

/// False when the client is gone.
bool FakeDaemon::serve_session(const std::shared_ptr<FakeSession>& session) {
  std::array<char, 65536> bytes;
  const auto count = ::recv(session->fd(), bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  if (!session->reader.feed({bytes.data(), static_cast<std::size_t>(count)})) return false;
  while (const auto frame = session->reader.next()) take(*frame, session);
  return true;
}

void FakeDaemon::take(const std::string& frame, const std::shared_ptr<FakeSession>& session) {
  const auto parsed = protocol::parse_call(frame);
  if (!parsed) throw std::runtime_error("no call: " + frame);
  const FakeCall call{parsed->method.substr(parsed->method.rfind('.') + 1), parsed->parameters, parsed->more,
                      session};
  Handler handler;
  {
    const std::lock_guard lock(m_mutex);
    m_calls.push_back(call);
    if (const auto found = m_handlers.find(call.method); found != m_handlers.end()) handler = found->second;
  }
  if (handler) handler(call);
  m_called.notify_all();
}

}  // namespace concd::test
