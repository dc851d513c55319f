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

std::string variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_worker() {
  return std::string_view(::program_invocation_short_name) == "concd-worker";
}

/// "[ROLE/]NAME[:N]"
class ChosenArrival {
 public:
  explicit ChosenArrival(std::string text) : m_name(std::move(text)) {
    if (const auto slash = m_name.find('/'); slash != std::string::npos) {
      m_role = m_name.substr(0, slash);
      m_name.erase(0, slash + 1);
    }
    if (const auto colon = m_name.find(':'); colon != std::string::npos) {
      m_turn = std::strtoul(m_name.c_str() + colon + 1, nullptr, 10);
      m_name.erase(colon);
    }
  }

  /// Counts an arrival; whether it is the one that was chosen.
  bool met_by(const char* name) {
    return m_name == name && is_worker() == (m_role != "daemon") && ++m_arrivals == m_turn;
  }
  [[nodiscard]] bool means_both() const { return m_role == "both"; }

 private:
  std::string m_role = "daemon";
  std::string m_name;
  unsigned long m_turn = 1;
  std::atomic<unsigned long> m_arrivals{0};
};

/// What the tests have made cannot be missing; a test that goes on without it would prove nothing.
int open_or_abort(const std::string& file, int flags) {
  const int fd = ::open(file.c_str(), flags | O_CLOEXEC);
  if (fd < 0) std::abort();
  return fd;
}

void note(const char* name) {
  static const auto file = variable("CONCD_CRASH_TALLY");
  if (file.empty()) return;
  static const int fd = open_or_abort(file, O_WRONLY | O_APPEND);
  const auto line =
      std::string(is_worker() ? "worker " : "daemon ") + std::to_string(::getpid()) + " " + name + "\n";
  // A line in one write(2): those of other processes stay apart.
  if (::write(fd, line.data(), line.size()) < 0) std::abort();
}

void hold() {
  const auto fifo = variable("CONCD_HOLD_FIFO");
  char byte = 0;
  if (::write(open_or_abort(fifo + ".here", O_WRONLY), &byte, 1) != 1) std::abort();
  if (::read(open_or_abort(fifo + ".go", O_RDONLY), &byte, 1) != 1) std::abort();
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
  static ChosenArrival to_hold(variable("CONCD_HOLD_POINT"));
  static ChosenArrival to_die(variable("CONCD_CRASH_POINT"));
  if (to_hold.met_by(name)) hold();
  if (to_die.met_by(name) && is_first()) die(to_die.means_both());
}

}  // namespace concd
