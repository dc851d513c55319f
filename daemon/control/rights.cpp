#include "control/rights.hpp"

#include <memory>
#include <utility>

#include <poll.h>

namespace concd::control {
namespace {

/// Not ended by now, pidfd_open(2): so its number has been no other process's until now.
bool is_alive(const UniqueFd& process) {
  pollfd ended{process.get(), POLLIN, 0};
  return ::poll(&ended, 1, 0) == 0;
}

}  // namespace

void Rights::ask(Action action, const job::Peer& peer, UniqueFd process, Authority::Answered answered) {
  m_thread.check();
  if (m_authority == nullptr || !process) return answered(false);
  auto& open = m_open[peer.uid];
  if (open >= k_open_questions) return answered(false);
  ++open;
  m_authority->ask(action, peer,
                   [this, uid = peer.uid, process = std::make_shared<const UniqueFd>(std::move(process)),
                    answered = std::move(answered)](bool granted) {
                     close(uid);
                     answered(granted && is_alive(*process));
                   });
}

void Rights::close(uid_t uid) {
  m_thread.check();
  const auto open = m_open.find(uid);
  if (--open->second == 0) m_open.erase(open);
}

}  // namespace concd::control
