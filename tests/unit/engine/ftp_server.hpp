#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "util/unique_fd.hpp"

namespace concd::test {

/// An FTP server on loopback for one file, /file, with one session at a time: as much of RFC 959, 2428 and
/// 3659 as a download needs.
class FtpServer {
 public:
  explicit FtpServer(std::string body);
  ~FtpServer();

  /// "ftp://127.0.0.1:PORT" + path.
  [[nodiscard]] std::string url(const std::string& path = "/file") const;
  /// The commands that came, e.g. "RETR file".
  [[nodiscard]] std::vector<std::string> commands() const;
  /// The next RETR ends after so many bytes.
  void cut_after(std::size_t bytes) { m_cut = bytes; }

 private:
  void serve();
  void talk(int fd);
  std::string answer(const std::string& command, int control);
  std::string retrieve(const std::string& name, int control);

  std::string m_body;
  std::atomic<std::size_t> m_cut{std::string::npos};
  std::size_t m_start = 0;  ///< of REST
  int m_port = 0;
  UniqueFd m_listener, m_data;
  std::atomic<bool> m_quit{false};
  std::atomic<int> m_session{-1};
  mutable std::mutex m_mutex;
  std::vector<std::string> m_commands;
  std::thread m_thread;
};

}  // namespace concd::test
