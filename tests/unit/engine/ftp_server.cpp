#include "ftp_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "origin_server.hpp"
#include "util/errno_error.hpp"

namespace concd::test {
namespace {

UniqueFd listen_on_loopback(int& port) {
  UniqueFd fd(check_errno(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  check_errno(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length), "bind");
  check_errno(::listen(fd.get(), 8), "listen");
  check_errno(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

FtpServer::FtpServer(std::string body) : m_body(std::move(body)), m_listener(listen_on_loopback(m_port)) {
  m_thread = std::thread([this] { serve(); });
}

FtpServer::~FtpServer() {
  m_quit = true;
  ::shutdown(m_listener.get(), SHUT_RDWR);
  if (const int session = m_session.load(); session >= 0) ::shutdown(session, SHUT_RDWR);
  m_thread.join();
}

std::string FtpServer::url(const std::string& path) const {
  return "ftp://127.0.0.1:" + std::to_string(m_port) + path;
}

std::vector<std::string> FtpServer::commands() const {
  const std::lock_guard lock(m_mutex);
  return m_commands;
}

void FtpServer::serve() {
  while (!m_quit) {
    const UniqueFd session(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!session) continue;
    m_session = session.get();
    if (!m_quit) talk(session.get());
    m_session = -1;
  }
}

void FtpServer::talk(int fd) {
  const Connection control(fd);
  control.send("220 ready\r\n");
  std::string input;
  char buffer[512];
  for (;;) {
    const auto end = input.find("\r\n");
    if (end == std::string::npos) {
      const auto count = ::recv(fd, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      input.append(buffer, static_cast<std::size_t>(count));
      continue;
    }
    const auto command = input.substr(0, end);
    input.erase(0, end + 2);
    {
      const std::lock_guard lock(m_mutex);
      m_commands.push_back(command);
    }
    control.send(answer(command, fd) + "\r\n");
  }
}

std::string FtpServer::answer(const std::string& command, int control) {
  const auto verb = command.substr(0, 4);
  const auto argument = command.size() > 5 ? command.substr(5) : std::string();
  if (verb == "USER") return "331 password";
  if (verb == "PASS") return argument == "wrong" ? "530 no" : "230 welcome";
  if (verb == "PWD") return "257 \"/\"";
  if (verb == "TYPE") return "200 binary";
  if (verb == "CWD ") return "250 there";
  if (verb == "MDTM") return "213 19941106084937";
  if (verb == "SIZE") return argument == "file" ? "213 " + std::to_string(m_body.size()) : "550 none";
  if (verb == "REST") {
    m_start = std::stoul(argument);
    return "350 from there";
  }
  if (verb == "EPSV") {
    int port = 0;
    m_data = listen_on_loopback(port);
    return "229 here (|||" + std::to_string(port) + "|)";
  }
  if (verb == "RETR") return retrieve(argument, control);
  if (verb == "QUIT") return "221 bye";
  return "502 unknown";
}

std::string FtpServer::retrieve(const std::string& name, int control) {
  if (name != "file") return "550 none";
  const auto start = std::exchange(m_start, 0);
  const auto cut = m_cut.exchange(std::string::npos);
  Connection(control).send("150 coming\r\n");
  const UniqueFd data(::accept4(m_data.get(), nullptr, nullptr, SOCK_CLOEXEC));
  Connection(data.get()).send(m_body.substr(start, cut));
  return cut < m_body.size() - start ? "426 broken off" : "226 done";
}

}  // namespace concd::test
