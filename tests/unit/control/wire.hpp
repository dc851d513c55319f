#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "control/io_concd.hpp"
#include "control/server.hpp"
#include "event/loop.hpp"
#include "fake_backend.hpp"
#include "protocol/frame.hpp"
#include "support/temporary_folder.hpp"

namespace concd::control {

class Caller;

/// The server on a socket in a folder of its own, before a fake backend, turned by the test.
class Wire {
 public:
  Wire();

  FakeBackend backend;
  event::Loop loop;
  MethodTable methods = io_concd_methods(backend);
  SystemClock clock;
  std::optional<Server> server;

  /// Turns the loop until it has nothing to do.
  void settle();
  /// Turns the loop until the predicate holds; fails the test when nothing happens any more.
  template <typename Predicate>
  void until(Predicate predicate) {
    while (!predicate()) turn();
  }
  /// One turn with something to do, for which it waits.
  void turn();
  /// Connects without waiting to be accepted.
  [[nodiscard]] UniqueFd connect() const;
  /// Tells the server that the backend's job has come to the state.
  void change(job::Id id, job::State state, job::JobEventKind kind);

 private:
  test::TemporaryFolder m_folder;
};

/// A client of the wire.
class Caller {
 public:
  explicit Caller(Wire& wire);

  void send(std::string_view bytes);
  /// In one message, with descriptors.
  void send(std::string_view bytes, const std::vector<int>& with);
  void call(const std::string& method, const nlohmann::json& parameters = nlohmann::json::object(),
            const std::string& flag = "");
  /// The next message, or null once the server has hung up.
  nlohmann::json receive();
  /// What receive() gives for the call.
  nlohmann::json ask(const std::string& method, const nlohmann::json& parameters = nlohmann::json::object());
  /// Whether a message is there once the loop has nothing to do.
  bool silent();
  void half_close();
  void hang_up() { m_socket.reset(); }
  [[nodiscard]] int socket() const { return m_socket.get(); }

  std::vector<UniqueFd> descriptors;  ///< received

 private:
  /// True when there was something, the end included.
  bool read_some();

  Wire& m_wire;
  UniqueFd m_socket;
  protocol::FrameReader m_frames;
  bool m_ended = false;
};

/// How many descriptors the process has.
[[nodiscard]] std::size_t open_descriptors();

}  // namespace concd::control
