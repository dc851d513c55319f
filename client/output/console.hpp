#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace concd::client {

/// How large a terminal is, in characters.
struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// stderr: lines that stay, and below them, on a terminal, lines that are redrawn in place. One thread.
class Console {
 public:
  /// Borrows `fd`.
  explicit Console(int fd);
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  ~Console();

  [[nodiscard]] bool is_terminal() const { return m_terminal; }
  /// TIOCGWINSZ, ioctl_tty(2).
  [[nodiscard]] ScreenSize size() const;
  /// Writes a line that stays, above the live ones.
  void say(const std::string& line);
  /// Replaces the live lines; does nothing where there is no terminal.
  void show(std::vector<std::string> lines);
  /// Takes the live lines away until the next show(), e.g. before something else writes to the terminal.
  void clear();

 private:
  [[nodiscard]] std::string erased() const;
  void write(const std::string& text) const;

  int m_fd;
  bool m_terminal;
  std::vector<std::string> m_live;
};

/// The bytes that take `live` lines away again on a terminal that is `columns` wide by now: the cursor goes
/// up to the first of them, and all below it is erased (ECMA-48 CUU, ED).
[[nodiscard]] std::string erase_sequence(const std::vector<std::string>& live, std::size_t columns);

}  // namespace concd::client
