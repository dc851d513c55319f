#pragma once

#include <string>
#include <unordered_set>

namespace concd::queue {

/// The hosts of which an answer has come since the start: a name among them is not a typo. Main thread.
class KnownHosts {
 public:
  void add(std::string host) {
    // Only a help: forgetting costs no more than the timeout of a first contact.
    if (m_hosts.size() >= k_max) m_hosts.clear();
    m_hosts.insert(std::move(host));
  }
  [[nodiscard]] bool contains(const std::string& host) const { return m_hosts.contains(host); }

 private:
  static constexpr std::size_t k_max = 10'000;
  std::unordered_set<std::string> m_hosts;
};

}  // namespace concd::queue
