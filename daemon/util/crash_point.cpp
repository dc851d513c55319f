#include "util/crash_point.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace concd {
namespace {

/// The wish in CONCD_CRASH_POINT.
struct Wish {
  std::string role = "daemon";
  std::string name;
  unsigned long turn = 1;
};

std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Wish read_wish() {
  Wish wish;
  wish.name = variable("CONCD_CRASH_POINT");
  if (const auto slash = wish.name.find('/'); slash != std::string::npos) {
    wish.role = wish.name.substr(0, slash);
    wish.name.erase(0, slash + 1);
  }
  if (const auto colon = wish.name.find(':'); colon != std::string::npos) {
    wish.turn = std::strtoul(wish.name.c_str() + colon + 1, nullptr, 10);
    wish.name.erase(colon);
  }
  return wish;
}

bool is_worker() {
  return std::string_view(::program_invocation_short_name) == "concd-worker";
}

void note(const char* name) {
  static const auto file = variable("CONCD_CRASH_TALLY");
  if (file.empty()) return;
  static const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const auto line = std::string(is_worker() ? "worker " : "daemon ") + name + "\n";
  // A line in one write(2): those of other processes stay apart.
  if (::write(fd, line.data(), line.size()) < 0) std::abort();
}

/// Whether nobody has died yet, of all that have the same file.
bool is_first() {
  const auto mark = variable("CONCD_CRASH_MARK");
  return mark.empty() || ::open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0;
}

[[noreturn]] void die(bool with_parent) {
  if (with_parent) ::kill(::getppid(), SIGKILL);
  for (;;) ::raise(SIGKILL);
}

}  // namespace

void crash_point(const char* name) noexcept {
  note(name);
  static const auto wish = read_wish();
  static std::atomic<unsigned long> arrivals{0};
  if (wish.name != name || is_worker() == (wish.role == "daemon")) return;
  if (++arrivals == wish.turn && is_first()) die(wish.role == "both");
}

}  // namespace concd
