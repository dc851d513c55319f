#include "control/turns.hpp"

#include <utility>

namespace concd::control {

void Turns::ask(uid_t uid, Turn turn) {
  auto& waiting = m_waiting[uid];
  if (waiting.empty()) m_users.push_back(uid);
  waiting.push_back(std::move(turn));
  if (m_users.size() == 1 && waiting.size() == 1) m_mailbox.post([this] { next(); });
}

void Turns::next() {
  const auto uid = m_users.front();
  m_users.pop_front();
  const auto waiting = m_waiting.find(uid);
  const auto turn = std::move(waiting->second.front());
  waiting->second.pop_front();
  if (waiting->second.empty())
    m_waiting.erase(waiting);
  else
    m_users.push_back(uid);
  if (!m_users.empty()) m_mailbox.post([this] { next(); });
  turn();
}

}  // namespace concd::control
