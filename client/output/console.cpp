#include "client/output/console.hpp"

#include <algorithm>
#include <system_error>

#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/output/printable.hpp"
#include "util/file.hpp"

namespace concd::client {

std::string erase_sequence(const std::vector<std::string>& live, std::size_t columns) {
  // A terminal that became narrower has wrapped the lines.
  std::size_t rows = 0;
  for (const auto& line : live)
    rows += std::max<std::size_t>(1, (columns_of(line) + columns - 1) / std::max<std::size_t>(1, columns));
  return rows == 0 ? std::string() : fmt::format("\r\x1b[{}A\x1b[J", rows);
}

Console::Console(int fd) : m_fd(fd), m_terminal(::isatty(fd) == 1) {}

Console::~Console() {
  clear();
}

ScreenSize Console::size() const {
  winsize size{};
  if (::ioctl(m_fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

void Console::say(const std::string& line) {
  auto text = erased() + line + "\n";
  for (const auto& live : m_live) text += live + "\n";
  write(text);
}

void Console::show(std::vector<std::string> lines) {
  if (!m_terminal) return;
  auto text = erased();
  for (const auto& line : lines) text += line + "\n";
  m_live = std::move(lines);
  write(text);
}

void Console::clear() {
  if (m_live.empty()) return;
  write(erased());
  m_live.clear();
}

std::string Console::erased() const {
  return m_live.empty() ? std::string() : erase_sequence(m_live, size().columns);
}

void Console::write(const std::string& text) const {
  try {
    write_all(m_fd, text.data(), text.size(), "stderr");
  } catch (const std::system_error&) {
    return;  // nobody is there to read it, nor to be told so
  }
}

}  // namespace concd::client
