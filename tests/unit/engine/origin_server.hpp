#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "util/unique_fd.hpp"

namespace concd::test {

/// A connection to the server, as the script of a test sees it.
class Connection {
 public:
  explicit Connection(int fd) : m_fd(fd) {}
  /// False when the peer is gone.
  bool send(const std::string& text) const;
  /// Ends the connection at once with a reset, close(2) with SO_LINGER 0.
  void reset() const;
  /// Waits until the peer closes.
  void wait_for_close() const;

 private:
  int m_fd;
};

/// One request: the head as it came.
struct Request {
  std::string head;
  /// The value of a header field; empty when it was not sent.
  [[nodiscard]] std::string get(const std::string& name) const;
  [[nodiscard]] std::string path() const;
};

/// An HTTP server on loopback that answers each request by a script. A connection is kept until the script
/// returns false.
class OriginServer {
 public:
  using Script = std::function<bool(const Request&, const Connection&)>;

  explicit OriginServer(Script script);
  ~OriginServer();

  /// "http://127.0.0.1:PORT" + path.
  [[nodiscard]] std::string url(const std::string& path = "/file") const;
  [[nodiscard]] std::vector<Request> requests() const;

 private:
  void serve();
  void talk(int fd);

  Script m_script;
  std::atomic<bool> m_quit{false};
  UniqueFd m_listener;
  int m_port = 0;
  mutable std::mutex m_mutex;
  std::vector<Request> m_requests;
  std::list<UniqueFd> m_connections;
  std::list<std::thread> m_threads;
  std::thread m_thread;
};

/// Gives every request the same answer and closes.
[[nodiscard]] OriginServer::Script always(std::string answer);
/// A whole 200 answer with a Content-Length, `fields` each ended by CRLF.
[[nodiscard]] std::string ok(const std::string& body, const std::string& fields = "");
/// A 206 answer from `offset` to the end.
[[nodiscard]] std::string part(const std::string& body, std::size_t offset, const std::string& fields = "");
/// A 206 answer of what the request's Range asks for, to the end where it has none.
[[nodiscard]] std::string part(const std::string& body, const Request& request,
                               const std::string& fields = "");
/// N of "Range: bytes=N-"; 0 when there is none.
[[nodiscard]] std::size_t range_start(const Request& request);

}  // namespace concd::test
