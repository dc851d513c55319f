#include "control/rights.hpp"

#include <csignal>
#include <vector>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "util/errno_error.hpp"

using namespace concd;
using namespace concd::control;

namespace {

/// Answers when the test says so.
class FakeAuthority final : public Authority {
 public:
  std::vector<Answered> open;
  void ask(Action, const job::Peer&, Answered answered) override { open.push_back(std::move(answered)); }
};

UniqueFd process(pid_t pid) {
  return UniqueFd(check_errno(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), "pidfd_open"));
}

/// What the user is told; nothing: not yet.
std::vector<bool> ask(Rights& rights, uid_t uid, std::size_t times = 1) {
  std::vector<bool> told;
  for (std::size_t i = 0; i < times; ++i)
    rights.ask(Action::download, {.uid = uid}, process(::getpid()),
               [&told](bool granted) { told.push_back(granted); });
  return told;
}

}  // namespace

TEST_CASE("where nobody can be asked nothing is granted") {
  Rights rights;
  CHECK(ask(rights, 7) == std::vector{false});
  FakeAuthority authority;
  rights.set_authority(&authority);
  bool granted = true;
  rights.ask(Action::download, {.uid = 7}, UniqueFd(), [&](bool is) { granted = is; });
  CHECK_FALSE(granted);
  CHECK(authority.open.empty());
}

TEST_CASE("what the authority says is told, of a process that still is") {
  Rights rights;
  FakeAuthority authority;
  rights.set_authority(&authority);
  std::vector<bool> told;
  const auto tell = [&](bool granted) { told.push_back(granted); };
  const auto child = ::fork();
  if (child == 0) ::pause();
  for (int i = 0; i < 2; ++i) rights.ask(Action::see_others, {.uid = 7}, process(child), tell);
  authority.open.at(0)(true);
  CHECK(told == std::vector{true});
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  authority.open.at(1)(true);
  CHECK(told == std::vector{true, false});
}

TEST_CASE("a user has so many questions open, another has his own, and an answer makes room") {
  Rights rights;
  FakeAuthority authority;
  rights.set_authority(&authority);
  std::vector<bool> told;
  const auto tell = [&](bool granted) { told.push_back(granted); };
  const auto put = [&](uid_t uid) { rights.ask(Action::download, {.uid = uid}, process(::getpid()), tell); };
  for (std::size_t i = 0; i < k_open_questions; ++i) put(7);
  CHECK(told.empty());
  put(7);
  CHECK(told == std::vector{false});
  put(8);
  CHECK(authority.open.size() == k_open_questions + 1);
  authority.open.front()(true);
  put(7);
  CHECK(told == std::vector{false, true});
  CHECK(authority.open.size() == k_open_questions + 2);
}
