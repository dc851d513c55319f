#include "control/server.hpp"

#include <cerrno>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "control/session.hpp"
#include "event/timer.hpp"
#include "util/errno_error.hpp"

namespace concd::control {
namespace {

/// How long nobody is accepted after descriptors or memory ran out.
constexpr auto k_accept_pause = std::chrono::milliseconds(100);
/// Connections that are accepted before others have their turn.
constexpr int k_accepts_a_turn = 64;

job::Peer peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  check_errno(::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size), "SO_PEERCRED");
  return {credentials.uid, credentials.gid, credentials.pid};
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool connection_is_gone(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

}  // namespace

class Server::Impl final : public SessionOwner {
 public:
  Impl(event::Loop& loop, UniqueFd listener, const MethodTable& methods)
      : m_loop(loop),
        m_methods(methods),
        m_listener(std::move(listener)),
        m_pause(loop, [this] { go_on_accepting(); }) {
    // An inherited socket may block, and a connection can be gone again by the time it would be accepted.
    const int flags = check_errno(::fcntl(m_listener.get(), F_GETFL), "F_GETFL");
    check_errno(::fcntl(m_listener.get(), F_SETFL, flags | O_NONBLOCK), "F_SETFL");
    m_io.emplace(loop, m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept_some(); });
  }

  ~Impl() override {
    // Sessions end before what they use; none is told to go on.
    m_sessions.clear();
  }

  [[nodiscard]] bool watches(job::Id id) const { return m_subscriptions.watches(id); }
  void job_changed(const protocol::JobEvent& event) { m_subscriptions.notify(event); }

  void stop_accepting() {
    m_thread.check();
    m_pause.disarm();
    m_io.reset();
    m_listener.reset();
  }

  void flush() {
    m_thread.check();
    // A session whose reader has gone ends meanwhile, so a copy of the list is walked.
    const auto sessions = m_sessions;
    for (const auto& [key, session] : sessions) session->flush();
  }

  [[nodiscard]] std::size_t sessions() const { return m_sessions.size(); }

  void session_ended(Session& session) override {
    m_thread.check();
    const auto of_user = m_of_user.find(session.peer().uid);
    if (--of_user->second == 0) m_of_user.erase(of_user);
    m_sessions.erase(&session);
  }
  Subscriptions& subscriptions() override { return m_subscriptions; }

 private:
  void accept_some() {
    m_thread.check();
    for (int accepted = 0; accepted < k_accepts_a_turn; ++accepted) {
      UniqueFd socket(::accept4(m_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket) {
        tell_that_all_is_well();
        admit(std::move(socket));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return;
      } else if (out_of_resources(errno)) {
        return pause_accepting(errno);
      } else if (!connection_is_gone(errno)) {
        throw errno_error("accept4");
      }
    }
  }

  void admit(UniqueFd socket) {
    const auto peer = peer_of(socket.get());
    auto& of_user = m_of_user[peer.uid];
    if (m_sessions.size() >= k_max_sessions || of_user >= k_max_sessions_of_a_user) {
      spdlog::warn("turned uid {}, pid {} away: it would be connection {} of {}", peer.uid, peer.pid,
                   of_user + 1, m_sessions.size() + 1);
      if (of_user == 0) m_of_user.erase(peer.uid);
      return;
    }
    auto session = std::make_shared<Session>(std::move(socket), peer, m_methods, *this);
    session->start(m_loop);
    m_sessions.emplace(session.get(), std::move(session));
    ++of_user;
  }

  void pause_accepting(int error) {
    if (!std::exchange(m_short, true))
      spdlog::warn("cannot accept connections for now: {}", errno_text(error));
    m_io->set_enabled(false);
    m_pause.arm(SystemClock().boottime() + k_accept_pause);
  }

  void go_on_accepting() { m_io->set_enabled(true); }

  void tell_that_all_is_well() {
    if (std::exchange(m_short, false)) spdlog::info("connections are accepted again");
  }

  event::Loop& m_loop;
  const MethodTable& m_methods;
  UniqueFd m_listener;
  event::Timer m_pause;
  bool m_short = false;  ///< of descriptors or memory; told once until it is over
  std::optional<event::Io> m_io;
  Subscriptions m_subscriptions;
  std::map<uid_t, std::size_t> m_of_user;  ///< how many sessions
  std::unordered_map<const Session*, std::shared_ptr<Session>> m_sessions;
  [[no_unique_address]] ThreadChecker m_thread;
};

Server::Server(event::Loop& loop, UniqueFd listener, const MethodTable& methods)
    : m_impl(std::make_unique<Impl>(loop, std::move(listener), methods)) {}

Server::~Server() = default;

bool Server::watches(job::Id id) const {
  return m_impl->watches(id);
}

void Server::job_changed(job::JobEventKind kind, job::View job) {
  m_impl->job_changed({kind, std::move(job)});
}

void Server::stop_accepting() {
  m_impl->stop_accepting();
}

void Server::flush() {
  m_impl->flush();
}

std::size_t Server::sessions() const {
  return m_impl->sessions();
}

}  // namespace concd::control
