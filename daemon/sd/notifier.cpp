#include "sd/notifier.hpp"

#include <ctime>

#include <systemd/sd-daemon.h>

namespace concd::sd {
namespace {

constexpr std::uint64_t k_barrier_timeout = 5'000'000;

std::int64_t monotonic_usec() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

void Notifier::hand_over(pid_t daemon) {
  sd_notifyf(0, "READY=1\nMAINPID=%d", static_cast<int>(daemon));
  sd_notify_barrier(0, k_barrier_timeout);
}

void Notifier::ready() {
  sd_notify(0, "READY=1");
}

void Notifier::reloading() {
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", static_cast<long long>(monotonic_usec()));
}

void Notifier::stopping() {
  sd_notify(0, "STOPPING=1");
}

void Notifier::alive() {
  sd_notify(0, "WATCHDOG=1");
}

void Notifier::status(const std::string& text) {
  if (text == m_status) return;
  m_status = text;
  sd_notify(0, ("STATUS=" + text).c_str());
}

void Notifier::keep(const std::string& name, int fd) {
  const auto text = std::string("FDSTORE=1\nFDPOLL=0\nFDNAME=").append(k_kept_prefix).append(name);
  sd_pid_notify_with_fds(0, 0, text.c_str(), &fd, 1);
}

void Notifier::drop(const std::string& name) {
  sd_notify(0, std::string("FDSTOREREMOVE=1\nFDNAME=").append(k_kept_prefix).append(name).c_str());
}

}  // namespace concd::sd
