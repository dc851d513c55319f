#include "control/users.hpp"

namespace concd::control {
namespace {

constexpr uid_t k_root = 0;
/// Users that are remembered before those who are gone are looked for.
constexpr std::size_t k_remembered = 1000;

}  // namespace

Users::Verdict Users::connect(uid_t uid) {
  m_thread.check();
  forget_idle();
  auto& user = m_users[uid];
  if (uid != k_root && user.connections >= m_limits.connections_per_user)
    return protocol::LimitReached{"limits.connections_per_user", m_limits.connections_per_user};
  if (m_connections >= m_limits.connections)
    return protocol::LimitReached{"limits.connections", m_limits.connections};
  ++user.connections;
  ++m_connections;
  return std::nullopt;
}

void Users::disconnect(uid_t uid) {
  m_thread.check();
  --m_users.at(uid).connections;
  --m_connections;
}

Users::Verdict Users::hold(uid_t uid, std::int64_t bytes) {
  m_thread.check();
  auto& user = m_users.at(uid);
  m_holders -= user.memory > 0 ? 1 : 0;
  user.memory += static_cast<std::uint64_t>(bytes);
  m_holders += user.memory > 0 ? 1 : 0;
  m_memory += static_cast<std::uint64_t>(bytes);
  return bytes > 0 && uid != k_root ? too_much_memory(user) : std::nullopt;
}

Users::Verdict Users::too_much_memory(const Usage& user) const {
  if (user.memory > m_limits.memory_per_user)
    return protocol::LimitReached{"limits.memory_per_user", m_limits.memory_per_user};
  // Who takes less than an equal share is not the one to give way.
  if (m_memory > m_limits.memory && user.memory > m_limits.memory / m_holders)
    return protocol::LimitReached{"limits.memory", m_limits.memory};
  return std::nullopt;
}

Users::Verdict Users::submit(uid_t uid) {
  m_thread.check();
  if (uid == k_root || m_users.at(uid).submissions.take(submission_rate(), m_clock.monotonic()))
    return std::nullopt;
  return protocol::LimitReached{"limits.submissions_per_user", m_limits.submissions_per_user};
}

void Users::forget_idle() {
  if (m_users.size() < k_remembered) return;
  std::erase_if(m_users, [rate = submission_rate(), now = m_clock.monotonic()](const auto& entry) {
    return entry.second.connections == 0 && entry.second.submissions.is_full(rate, now);
  });
}

}  // namespace concd::control
