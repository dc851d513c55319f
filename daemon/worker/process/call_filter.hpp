#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <seccomp.h>

namespace concd::worker {

/// Which system calls a process can make, seccomp(2) by libseccomp. Calls are numbers, as SCMP_SYS() has
/// them. All functions throw std::system_error.
class CallFilter {
 public:
  /// `otherwise`: what happens at a call without a rule, SCMP_ACT_ALLOW or SCMP_ACT_KILL_PROCESS.
  explicit CallFilter(std::uint32_t otherwise);

  void allow(std::span<const int> calls);
  /// Where all of the arguments are so. Several rules of one call add up.
  void allow_if(int call, const std::vector<scmp_arg_cmp>& arguments);
  /// It fails with this errno.
  void refuse(int call, int error, const std::vector<scmp_arg_cmp>& arguments = {});
  /// For all threads of this process and what it starts, for ever.
  void enforce();

 private:
  struct Release {
    void operator()(void* filter) const noexcept { seccomp_release(filter); }
  };

  void add(std::uint32_t action, int call, const std::vector<scmp_arg_cmp>& arguments);

  std::unique_ptr<void, Release> m_filter;
};

/// The bits of `mask` in an argument are those of `value`.
[[nodiscard]] constexpr scmp_arg_cmp bits_are(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
[[nodiscard]] constexpr scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

}  // namespace concd::worker
