#include "util/process_origin.hpp"

#include <cstdlib>
#include <memory>

#include <systemd/sd-login.h>

namespace concd {
namespace {

std::string ask(int (*get)(pid_t, char**), pid_t pid) {
  char* text = nullptr;
  // 0 would be this process.
  if (pid <= 0 || get(pid, &text) < 0) return {};
  const std::unique_ptr<char, decltype(&std::free)> owned(text, std::free);
  return owned.get();
}

}  // namespace

const ProcessOrigin::Found& ProcessOrigin::found() const {
  if (!m_found) m_found = Found{ask(sd_pid_get_unit, m_pid), ask(sd_pid_get_session, m_pid)};
  return *m_found;
}

}  // namespace concd
