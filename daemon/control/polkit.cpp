#include "control/polkit.hpp"

#include <string_view>
#include <system_error>
#include <utility>

#include <spdlog/spdlog.h>

namespace concd::control {
namespace {

constexpr event::BusMethod k_check{"org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                                   "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization"};
constexpr std::string_view k_own_errors = "org.freedesktop.PolicyKit1.";

const char* name_of(Action action) {
  switch (action) {
    case Action::download:
      return "io.concd.download";
    case Action::manage_others:
      return "io.concd.manage-others";
    case Action::see_others:
      break;
  }
  return "io.concd.see-others";
}

/// The subject, the action, no details, no flags, that is no dialog, and no name to cancel it by. polkit
/// finds out when the process was started, which /proc hides from the daemon; the pidfd of it is looked at
/// afterwards.
int write_question(sd_bus_message* call, const job::Peer& peer, const char* action) {
  return sd_bus_message_append(call, "(sa{sv})sa{ss}us", "unix-process", 3, "pid", "u",
                               static_cast<std::uint32_t>(peer.pid), "start-time", "t", std::uint64_t{0},
                               "uid", "i", static_cast<std::int32_t>(peer.uid), action, 0, std::uint32_t{0},
                               "");
}

/// The result is (bba{ss}): whether it is granted, whether it would be after a dialog, details.
bool is_granted(sd_bus_message* reply) {
  int granted = 0;
  if (sd_bus_message_enter_container(reply, SD_BUS_TYPE_STRUCT, "bba{ss}") < 0) return false;
  return sd_bus_message_read(reply, "b", &granted) >= 0 && granted != 0;
}

}  // namespace

Polkit::Polkit(event::Loop& loop, const Clock& clock)
    : m_loop(loop), m_clock(clock), m_silence(loop, [this] { give_up("it does not answer"); }) {}

void Polkit::ask(Action action, const job::Peer& peer, Answered answered) {
  m_thread.check();
  if (m_clock.boottime() < m_pause_end) return answered(false);
  const auto question = ++m_last;
  m_open.emplace(question, std::move(answered));
  if (m_open.size() == 1) m_silence.arm(m_clock.boottime() + k_polkit_timeout);
  try {
    send(action, peer, question);
  } catch (const std::system_error& error) {
    give_up(error.what());
  }
}

void Polkit::send(Action action, const job::Peer& peer, std::uint64_t question) {
  // One that was given up may hang for ever.
  if (!m_bus || !m_bus->is_open() || m_reached == Reached::no) m_bus.emplace(m_loop);
  m_bus->call(
      k_check, [&](sd_bus_message* call) { return write_question(call, peer, name_of(action)); },
      k_polkit_timeout, [this, question](sd_bus_message* reply) { answer(question, reply); });
}

void Polkit::answer(std::uint64_t question, sd_bus_message* reply) {
  m_thread.check();
  const auto* const error = sd_bus_message_get_error(reply);
  // That a process has ended is an answer as well, and no reason to ask for nobody.
  const bool from_polkit = error == nullptr || std::string_view(error->name).starts_with(k_own_errors);
  if (!from_polkit) return give_up(error->message != nullptr ? error->message : error->name);
  set_reached(Reached::yes, {});
  auto asked = m_open.extract(question);
  if (m_open.empty())
    m_silence.disarm();
  else
    m_silence.arm(m_clock.boottime() + k_polkit_timeout);
  if (asked) asked.mapped()(error == nullptr && is_granted(reply));
}

void Polkit::give_up(const std::string& reason) {
  m_silence.disarm();
  m_pause_end = m_clock.boottime() + k_polkit_pause;
  set_reached(Reached::no, reason);
  for (const auto& [question, answered] : std::exchange(m_open, {})) answered(false);
}

void Polkit::set_reached(Reached reached, const std::string& reason) {
  if (std::exchange(m_reached, reached) == reached) return;
  if (reached == Reached::no)
    spdlog::info("polkit cannot be asked, so that groups alone decide who may what: {}", reason);
  else
    spdlog::info("polkit is asked who may what beyond the groups");
}

}  // namespace concd::control
