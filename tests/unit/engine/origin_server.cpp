#include "origin_server.hpp"

#include <algorithm>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include "util/errno_error.hpp"

namespace concd::test {

bool Connection::send(const std::string& text) const {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto count = ::send(m_fd, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

void Connection::reset() const {
  const linger now{1, 0};
  ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void Connection::wait_for_close() const {
  char byte = 0;
  while (::recv(m_fd, &byte, 1, 0) > 0) continue;
}

std::string Request::get(const std::string& name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    const auto begin = at + 2;
    at = head.find("\r\n", begin);
    const auto line = head.substr(begin, at - begin);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        ::strncasecmp(line.c_str(), name.c_str(), name.size()) == 0)
      return line.substr(std::min(name.size() + 2, line.size()));
  }
  return {};
}

std::string Request::path() const {
  const auto begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

OriginServer::OriginServer(Script script)
    : m_script(std::move(script)), m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  check_errno(::bind(m_listener.get(), reinterpret_cast<sockaddr*>(&address), length), "bind");
  check_errno(::listen(m_listener.get(), 128), "listen");
  check_errno(::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  m_port = ntohs(address.sin_port);
  m_thread = std::thread([this] { serve(); });
}

OriginServer::~OriginServer() {
  m_quit.store(true);
  ::shutdown(m_listener.get(), SHUT_RDWR);
  m_thread.join();
  {
    const std::lock_guard lock(m_mutex);
    for (const auto& connection : m_connections) ::shutdown(connection.get(), SHUT_RDWR);
  }
  for (auto& thread : m_threads) thread.join();
}

std::string OriginServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(m_port) + path;
}

std::vector<Request> OriginServer::requests() const {
  const std::lock_guard lock(m_mutex);
  return m_requests;
}

void OriginServer::serve() {
  for (;;) {
    UniqueFd connection(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (m_quit.load()) return;
    // A test may have taken all descriptors away for a while.
    if (!connection) {
      std::this_thread::yield();
      continue;
    }
    const std::lock_guard lock(m_mutex);
    const int fd = connection.get();
    m_connections.push_back(std::move(connection));
    m_threads.emplace_back([this, fd] { talk(fd); });
  }
}

void OriginServer::talk(int fd) {
  std::string input;
  char buffer[4096];
  for (bool more = true; more;) {
    auto end = input.find("\r\n\r\n");
    while (end == std::string::npos) {
      const auto count = ::recv(fd, buffer, sizeof buffer, 0);
      if (count <= 0) break;
      input.append(buffer, static_cast<std::size_t>(count));
      end = input.find("\r\n\r\n");
    }
    if (end == std::string::npos) break;
    const Request request{input.substr(0, end + 2)};
    input.erase(0, end + 4);
    {
      const std::lock_guard lock(m_mutex);
      m_requests.push_back(request);
    }
    more = m_script(request, Connection(fd));
  }
  const std::lock_guard lock(m_mutex);
  const auto found = std::find_if(m_connections.begin(), m_connections.end(),
                                  [&](const auto& each) { return each.get() == fd; });
  if (found != m_connections.end()) m_connections.erase(found);
}

OriginServer::Script always(std::string answer) {
  return [answer = std::move(answer)](const Request&, const Connection& connection) {
    connection.send(answer);
    return false;
  };
}

std::string ok(const std::string& body, const std::string& fields) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" +
         body;
}

namespace {

std::string part(const std::string& body, std::size_t first, std::size_t last, const std::string& fields) {
  return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(first) + "-" +
         std::to_string(last) + "/" + std::to_string(body.size()) +
         "\r\nContent-Length: " + std::to_string(last - first + 1) + "\r\n" + fields + "\r\n" +
         body.substr(first, last - first + 1);
}

}  // namespace

std::string part(const std::string& body, std::size_t offset, const std::string& fields) {
  return part(body, offset, body.size() - 1, fields);
}

std::string part(const std::string& body, const Request& request, const std::string& fields) {
  const auto range = request.get("Range");
  const auto dash = range.find('-');
  const bool open = dash == std::string::npos || dash + 1 == range.size();
  return part(body, range_start(request), open ? body.size() - 1 : std::stoul(range.substr(dash + 1)),
              fields);
}

std::size_t range_start(const Request& request) {
  const auto range = request.get("Range");
  return range.empty() ? 0 : std::stoul(range.substr(6));
}

}  // namespace concd::test
