#include "client/output/wait_text.hpp"

#include <algorithm>

#include "client/output/job_text.hpp"
#include "client/output/language.hpp"
#include "client/output/printable.hpp"
#include "util/units.hpp"

namespace concd::client {
namespace {

const char* by_count(std::uint32_t count, const char* one, const char* many) {
  return count == 1 ? one : many;
}

std::string slot_text(const job::WaitCause& cause) {
  if (cause.running == 0) return _("waits for a place");
  const bool worker = cause.limit.starts_with("worker.");
  const auto* one = worker ? _("waits for a place: {0} worker process is running")
                           : _("waits for a place: {0} transfer is running");
  const auto* many = worker ? _("waits for a place: {0} worker processes are running")
                            : _("waits for a place: {0} transfers are running");
  return phrase(by_count(cause.running, one, many), cause.running);
}

std::string host_slot_text(const job::WaitCause& cause) {
  return phrase(by_count(cause.running, _("waits for a place: {0} transfer from {1} is running"),
                         _("waits for a place: {0} transfers from {1} are running")),
                cause.running, printable(cause.host));
}

std::string user_slot_text(const job::WaitCause& cause) {
  return phrase(by_count(cause.running, _("waits for a place: {0} transfer of this user is running"),
                         _("waits for a place: {0} transfers of this user are running")),
                cause.running);
}

/// The key of concd.toml(5) that would change it.
std::string with_limit(const std::string& text, const job::WaitCause& cause) {
  return cause.limit.empty() ? text : text + " (" + printable(cause.limit) + ")";
}

std::string disk_text(const job::WaitCause& cause) {
  if (cause.needed == 0) return _("the disk is full");
  return phrase(_("the disk is full: needs {0}, {1} are free"), format_size(cause.needed),
                format_size(cause.free));
}

std::string cause_text(const job::WaitCause& cause) {
  switch (cause.kind) {
    case job::WaitKind::slot:
      return with_limit(slot_text(cause), cause);
    case job::WaitKind::host_slot:
      return with_limit(host_slot_text(cause), cause);
    case job::WaitKind::user_slot:
      return with_limit(user_slot_text(cause), cause);
    case job::WaitKind::host_backoff:
      return phrase(_("{0} could not be reached a moment ago"), printable(cause.host));
    case job::WaitKind::offline:
      return _("no network; continues when it returns");
    case job::WaitKind::disk_space:
      return disk_text(cause);
    case job::WaitKind::callers_file:
      return _("concd was started anew and waits for the caller's file");
    case job::WaitKind::local_resource:
    case job::WaitKind::retry:
      break;
  }
  return printable(cause.message);
}

std::string countdown_text(job::WaitKind kind, std::chrono::seconds left) {
  // What the disk lacks is looked at again, and nothing is tried until there is enough.
  const auto* sentence = kind == job::WaitKind::disk_space ? _("checked again in {0}") : _("next try in {0}");
  return phrase(sentence, seconds_text(left));
}

}  // namespace

std::string wait_text(const job::Waiting& wait, Microseconds now) {
  auto text = cause_text(*wait.cause);
  if (wait.until == Microseconds::zero()) return text;
  const auto left = std::chrono::ceil<std::chrono::seconds>(std::max(Microseconds::zero(), wait.until - now));
  return text + (text.empty() ? "" : "; ") + countdown_text(wait.cause->kind, left);
}

bool is_same_cause(const job::WaitCause& left, const job::WaitCause& right) {
  return left.kind == right.kind && left.limit == right.limit && left.host == right.host &&
         left.message == right.message;
}

}  // namespace concd::client
