#include "worker/process/sandbox.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <string>

#include <sys/resource.h>

#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/url.hpp"
#include "worker/process/allowed_calls.hpp"
#include "worker/process/landlock.hpp"
#include "worker/sandbox_support.hpp"

namespace concd::worker {
namespace {

/// What libraries load or look up while they work.
constexpr std::array k_libraries{"/usr/lib", "/usr/lib64",       "/usr/local/lib", "/lib",
                                 "/lib64",   "/etc/ld.so.cache", "/etc/localtime", "/dev/null"};

/// nsswitch.conf(5), resolver(3), and the authorities of Debian's OpenSSL. resolv.conf(5) is a link to one of
/// the folders in /run on many machines.
constexpr std::array k_names_and_tls{"/etc/nsswitch.conf",
                                     "/etc/resolv.conf",
                                     "/etc/host.conf",
                                     "/etc/hosts",
                                     "/etc/gai.conf",
                                     "/etc/services",
                                     "/etc/protocols",
                                     "/etc/networks",
                                     "/run/systemd/resolve",
                                     "/run/NetworkManager",
                                     "/run/resolvconf",
                                     "/etc/ssl/openssl.cnf",
                                     "/etc/ssl/certs",
                                     "/usr/share/ca-certificates",
                                     "/usr/local/share/ca-certificates",
                                     "/dev/urandom"};

/// The only place where less is confined: the sanitizers' own threads, and the hooks of the tests, do what no
/// worker does. Without a sanitizer or such a variable a test build is confined as the package is.
bool is_instrumented() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#endif
#endif
  return std::ranges::any_of(k_test_variables, [](const char* name) { return std::getenv(name) != nullptr; });
}

/// RLIMIT_NPROC, setrlimit(2), counts threads as well.
void forbid_processes() {
  constexpr rlimit k_none{0, 0};
  check_errno(::setrlimit(RLIMIT_NPROC, &k_none), "setrlimit");
}

void confine_files(const Needs& needs, int version) {
  Landlock landlock(version);
  for (const auto* path : k_libraries) landlock.allow_reading(path);
  for (const auto& path : needs.readable) landlock.allow_reading(path);
  if (needs.folder >= 0) landlock.allow_making(needs.folder);
  landlock.enforce();
}

void confine_calls(const Needs& needs) {
  CallFilter filter(SCMP_ACT_KILL_PROCESS);
  allow_common_calls(filter);
  if (needs.threads) allow_threads(filter);
  if (needs.below) allow_opening_below(filter);
  if (needs.sockets != Sockets::none) allow_open_sockets(filter);
  if (needs.sockets == Sockets::network) allow_network_calls(filter);
  if (needs.folder >= 0) allow_making_calls(filter);
  filter.enforce();
}

job::Failure unconfined(job::RetryClass retry_class, const std::string& why) {
  return {job::FailureKind::other, retry_class, "a worker process cannot be confined: " + why};
}

}  // namespace

Needs needs_of(const job::Task& task, const engine::Settings& settings) {
  const auto scheme = url_scheme(task.url);
  if (scheme.empty()) return {Sockets::open_ones, true, false, {}, -1};  // sim:
  if (scheme == "file") return {Sockets::open_ones, true, true, settings.file_roots, -1};
  Needs needs{Sockets::network, true, false, {k_names_and_tls.begin(), k_names_and_tls.end()}, -1};
  if (!settings.ca_file.empty()) needs.readable.push_back(settings.ca_file);
  return needs;
}

Needs needs_of(const Unpack& order) {
  return {Sockets::none, false, false, {}, order.folder->get()};
}

std::optional<job::Failure> confine(const Needs& needs, SandboxPolicy policy) {
  if (is_instrumented()) return std::nullopt;
  const auto available = sandbox_support();
  if (policy == SandboxPolicy::required && !available.is_whole())
    return unconfined(job::RetryClass::none,
                      "this kernel has " + describe(available) + ", and worker.sandbox requires both");
  try {
    if (!needs.threads) forbid_processes();
    if (available.landlock > 0) confine_files(needs, available.landlock);
    if (available.seccomp) confine_calls(needs);
    return std::nullopt;
  } catch (const std::exception& error) {
    return unconfined(job::RetryClass::local_resource, error.what());
  }
}

}  // namespace concd::worker
