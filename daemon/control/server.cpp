#include "control/server.hpp"

#include <cerrno>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "control/session.hpp"
#include "control/spare_memory.hpp"
#include "event/timer.hpp"
#include "util/errno_error.hpp"

namespace concd::control {
namespace {

/// How long nobody is accepted after descriptors or memory ran out.
constexpr auto k_accept_pause = std::chrono::milliseconds(100);
/// Connections that are accepted before others have their turn.
constexpr int k_accepts_a_turn = 64;

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool connection_is_gone(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

}  // namespace

class Server::Impl final : public SessionOwner {
 public:
  Impl(event::Loop& loop, const Clock& clock, UniqueFd listener, const MethodTable& methods)
      : m_loop(loop),
        m_clock(clock),
        m_methods(methods),
        m_listener(std::move(listener)),
        m_pause(loop, [this] { go_on_accepting(); }),
        m_memory(loop, clock),
        m_state(loop, clock, [&loop](std::function<void()> handler) {
          return std::make_unique<event::Timer>(loop, std::move(handler));
        }) {
    // An inherited socket may block, and a connection can be gone again by the time it would be accepted.
    const int flags = check_errno(::fcntl(m_listener.get(), F_GETFL), "F_GETFL");
    check_errno(::fcntl(m_listener.get(), F_SETFL, flags | O_NONBLOCK), "F_SETFL");
    m_io.emplace(loop, m_listener.get(), EPOLLIN, [this](std::uint32_t) { accept_some(); });
  }

  ~Impl() override {
    // Sessions end before what they use; none is told to go on.
    m_sessions.clear();
  }

  void set_limits(const CallerLimits& limits) { m_state.users.set_limits(limits); }
  void set_groups(const RightsGroups& groups) { m_groups = groups; }
  void set_authority(Authority* authority) { m_state.rights.set_authority(authority); }

  [[nodiscard]] bool watches(job::Id id) const { return m_state.subscriptions.watches(id); }
  void job_changed(const News& news) { m_state.subscriptions.notify(news); }

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
    m_state.users.disconnect(session.peer().uid);
    m_sessions.erase(&session);
    m_memory.note_end();
  }
  ServerState& state() override { return m_state; }

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
    const auto peer = peer_of(socket.get(), m_groups);
    if (const auto refusal = m_state.users.connect(peer.uid)) {
      m_state.refusals.note(spdlog::level::warn, peer, "turned away: " + refusal->limit + " is reached");
      return send_last_word(socket.get(), protocol::error_of(*refusal));
    }
    auto session = std::make_shared<Session>(std::move(socket), peer, m_methods, *this);
    session->start(m_loop);
    m_sessions.emplace(session.get(), std::move(session));
  }

  void pause_accepting(int error) {
    if (!std::exchange(m_short, true))
      spdlog::warn("cannot accept connections for now: {}", errno_text(error));
    m_io->set_enabled(false);
    m_pause.arm(m_clock.boottime() + k_accept_pause);
  }

  void go_on_accepting() { m_io->set_enabled(true); }

  void tell_that_all_is_well() {
    if (std::exchange(m_short, false)) spdlog::info("connections are accepted again");
  }

  event::Loop& m_loop;
  const Clock& m_clock;
  const MethodTable& m_methods;
  UniqueFd m_listener;
  event::Timer m_pause;
  SpareMemory m_memory;
  bool m_short = false;  ///< of descriptors or memory; told once until it is over
  std::optional<event::Io> m_io;
  RightsGroups m_groups;
  ServerState m_state;
  std::unordered_map<const Session*, std::shared_ptr<Session>> m_sessions;
  [[no_unique_address]] ThreadChecker m_thread;
};

Server::Server(event::Loop& loop, const Clock& clock, UniqueFd listener, const MethodTable& methods)
    : m_impl(std::make_unique<Impl>(loop, clock, std::move(listener), methods)) {}

Server::~Server() = default;

void Server::set_limits(const CallerLimits& limits) {
  m_impl->set_limits(limits);
}

void Server::set_groups(const RightsGroups& groups) {
  m_impl->set_groups(groups);
}

void Server::set_authority(Authority* authority) {
  m_impl->set_authority(authority);
}

bool Server::watches(job::Id id) const {
  return m_impl->watches(id);
}

void Server::job_changed(job::JobEventKind kind, job::View job) {
  m_impl->job_changed(News({kind, std::move(job)}));
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
