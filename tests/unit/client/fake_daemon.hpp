#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "job/view.hpp"
#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "util/unique_fd.hpp"

namespace concd::test {

/// One end of a connection of FakeDaemon; calls come in on the daemon's thread, replies may be sent from any.
class FakeSession {
 public:
  explicit FakeSession(UniqueFd socket) : m_socket(std::move(socket)) {}
  void send(const std::string& bytes, int descriptor = -1);
  void hang_up();
  [[nodiscard]] int fd() const { return m_socket.get(); }
  protocol::FrameReader reader;

 private:
  UniqueFd m_socket;
};

/// A call that came in. A copy may be kept to answer it later.
struct FakeCall {
  std::string method;  ///< without the interface
  nlohmann::json parameters;
  bool more = false;
  std::shared_ptr<FakeSession> session;

  void reply(const nlohmann::json& parameters, bool continues = false) const;
  void reply_with_descriptor(const nlohmann::json& parameters, int descriptor) const;
  void refuse(const protocol::Refusal& refusal) const;
};

/// A concd that does what a test tells it to: a thread that serves a socket.
class FakeDaemon {
 public:
  using Handler = std::function<void(const FakeCall&)>;

  explicit FakeDaemon(std::filesystem::path socket);
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  ~FakeDaemon();

  /// What a method does from now on, on the daemon's thread; one without a handler is never answered.
  /// A handler owns what it uses, or takes it from what outlives the daemon: it may run until stop().
  void on(const std::string& method, Handler handler);
  /// Listens and serves; stop() hangs up on everybody and takes the socket away.
  void start();
  void stop();
  /// Blocks until the method has been called `count` times in all; returns those calls. Throws after 60 s.
  std::vector<FakeCall> wait_for(const std::string& method, std::size_t count = 1);
  /// The calls of the method so far.
  std::vector<FakeCall> calls(const std::string& method);

 private:
  void serve();
  void accept_one();
  bool serve_session(const std::shared_ptr<FakeSession>& session);
  void take(const std::string& frame, const std::shared_ptr<FakeSession>& session);

  std::filesystem::path m_path;
  UniqueFd m_listener, m_stop;
  std::vector<std::shared_ptr<FakeSession>> m_sessions;
  std::mutex m_mutex;
  std::condition_variable m_called;
  std::map<std::string, Handler> m_handlers;
  std::vector<FakeCall> m_calls;
  std::thread m_thread;
};

}  // namespace concd::test
