#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/codec.hpp"
#include "protocol/error.hpp"
#include "protocol/frame.hpp"
#include "util/unique_fd.hpp"

namespace concd::client {

/// The socket cannot be connected; code() says why: ENOENT, ECONNREFUSED, EACCES …
class CannotConnect : public std::system_error {
 public:
  CannotConnect(const std::filesystem::path& socket, int error);
  /// What is wrong and how to mend it, for a person.
  [[nodiscard]] std::string describe() const;

 private:
  std::filesystem::path m_socket;
};

/// A connection that worked has ended, or the daemon said that it is about to stop.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The daemon sent what io.concd.varlink does not allow, or what only a newer concctl understands.
class BadReply : public std::runtime_error {
 public:
  BadReply();
  explicit BadReply(const protocol::InvalidParameter& wrong);
};

/// What came back for a call: the reply's parameters or the error.
using CallResult = tl::expected<nlohmann::json, protocol::WireError>;

/// A Varlink connection to concd (https://varlink.org): calls may be sent ahead of replies, which come in the
/// order of the calls. Nothing blocks but ask(). One thread.
class Connection {
 public:
  /// Called with each reply; `more` tells that others follow for the same call.
  using OnReply = std::function<void(const CallResult& reply, bool more)>;

  /// Throws CannotConnect.
  [[nodiscard]] static Connection open(const std::filesystem::path& socket);

  /// Queues a call of io.concd.METHOD; `more` asks for a stream of replies.
  void call(std::string_view method, const nlohmann::json& parameters, OnReply on_reply, bool more = false);
  /// The same with a descriptor, the first of the call; an empty one: without.
  void call_with(UniqueFd descriptor, std::string_view method, const nlohmann::json& parameters,
                 OnReply on_reply);
  /// Sends what can be sent without blocking, receives some of what is there, and hands replies out. Throws
  /// ConnectionLost, BadReply.
  void turn();
  /// Calls and blocks until the last reply of what was called so far is here. Throws ConnectionLost,
  /// BadReply.
  [[nodiscard]] CallResult ask(std::string_view method, const nlohmann::json& parameters);

  [[nodiscard]] int fd() const { return m_socket.get(); }
  /// What poll(2) should wait for before the next turn().
  [[nodiscard]] short events() const;
  /// Gives the descriptor away that came with the reply being handed out; -1 when there is none. The others
  /// of that reply are closed.
  [[nodiscard]] UniqueFd take_descriptor(std::size_t index);

 private:
  explicit Connection(UniqueFd socket) : m_socket(std::move(socket)) {}
  void send_some();
  [[nodiscard]] ssize_t send_front();
  bool receive_some();
  void hand_out(const std::string& frame);

  struct Call {
    OnReply on_reply;
    bool more = false;  ///< several replies were asked for
  };

  UniqueFd m_socket;
  /// A frame with a descriptor goes in a message of its own.
  struct Outgoing {
    std::string bytes;
    UniqueFd descriptor;
  };
  std::deque<Outgoing> m_unsent;
  protocol::FrameReader m_reader;
  std::deque<Call> m_calls;
  std::vector<UniqueFd> m_descriptors;
};

}  // namespace concd::client
