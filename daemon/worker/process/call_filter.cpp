#include "worker/process/call_filter.hpp"

#include <cerrno>

#include "util/errno_error.hpp"

namespace concd::worker {
namespace {

/// libseccomp returns a negated errno.
void check_filter(int result, const char* context) {
  if (result < 0) throw errno_error(context, -result);
}

}  // namespace

CallFilter::CallFilter(std::uint32_t otherwise) : m_filter(seccomp_init(otherwise)) {
  if (!m_filter) throw errno_error("make a system call filter", ENOMEM);
  const auto set = [this](scmp_filter_attr attribute, std::uint32_t value) {
    check_filter(seccomp_attr_set(m_filter.get(), attribute, value), "set up a system call filter");
  };
  set(SCMP_FLTATR_CTL_TSYNC, 1);
  // Calls of another architecture's table.
  set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
}

void CallFilter::allow(std::span<const int> calls) {
  for (const int call : calls) add(SCMP_ACT_ALLOW, call, {});
}

void CallFilter::allow_if(int call, const std::vector<scmp_arg_cmp>& arguments) {
  add(SCMP_ACT_ALLOW, call, arguments);
}

void CallFilter::refuse(int call, int error, const std::vector<scmp_arg_cmp>& arguments) {
  add(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call, arguments);
}

void CallFilter::enforce() {
  check_filter(seccomp_load(m_filter.get()), "filter system calls");
}

void CallFilter::add(std::uint32_t action, int call, const std::vector<scmp_arg_cmp>& arguments) {
  check_filter(seccomp_rule_add_array(m_filter.get(), action, call, static_cast<unsigned>(arguments.size()),
                                      arguments.data()),
               "filter a system call");
}

}  // namespace concd::worker
