#include "concctl_process.hpp"

#include <csignal>
#include <cstdint>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "client/delivery/new_file.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

ConcctlProcess::ConcctlProcess(const TemporaryFolder& folder, std::vector<std::string> arguments,
                               std::filesystem::path out) {
  const auto home = folder.path() / "home";
  std::filesystem::create_directories(home);
  const auto run = client::random_hex(4);
  m_out = out.empty() ? folder.path() / ("out." + run) : std::move(out);
  m_err = folder.path() / ("err." + run);
  arguments.insert(arguments.begin(), "concctl");
  std::vector<std::string> environment{"CONCD_SOCKET=" + (folder.path() / "socket").string(),
                                       "XDG_STATE_HOME=" + (folder.path() / "state").string(),
                                       "LANG=C.UTF-8"};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, home.c_str());
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, m_out.c_str(), O_WRONLY | O_CREAT, 0600);
  ::posix_spawn_file_actions_addopen(&actions, 2, m_err.c_str(), O_WRONLY | O_CREAT, 0600);
  const auto error = ::posix_spawn(&m_pid, CONCCTL_PROGRAM, &actions, nullptr, pointers(arguments).data(),
                                   pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw errno_error(CONCCTL_PROGRAM, error);
}

ConcctlProcess::~ConcctlProcess() {
  if (m_pid < 0) return;
  ::kill(m_pid, SIGKILL);
  ::waitpid(m_pid, nullptr, 0);
}

void ConcctlProcess::signal(int number) const {
  ::kill(m_pid, number);
}

// Nothing tells when a process reads its signalfd but the set of its pending signals, proc_pid_status(5).
void ConcctlProcess::wait_until_taken(int number) const {
  const auto file = "/proc/" + std::to_string(m_pid) + "/status";
  const auto bit = std::uint64_t{1} << (number - 1);
  for (std::uint64_t pending = bit; (pending & bit) != 0; std::this_thread::yield()) {
    const auto status = read_text(file);
    const auto at = status.find("ShdPnd:");
    pending = at == std::string::npos ? 0 : std::stoull(status.substr(at + 7), nullptr, 16);
  }
}

Ended ConcctlProcess::wait() {
  int status = 0;
  check_errno(::waitpid(m_pid, &status, 0), "waitpid");
  m_pid = -1;
  const auto code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, std::filesystem::is_regular_file(m_out) ? read_text(m_out) : "", read_text(m_err)};
}

}  // namespace concd::test
