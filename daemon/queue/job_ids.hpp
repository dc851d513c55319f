#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <ranges>
#include <vector>

#include "job/id.hpp"

namespace concd::queue {

/// A set of jobs, by id. Nearly all hold one at most, which takes no memory of its own.
class JobIds {
 public:
  [[nodiscard]] const job::Id* begin() const { return m_several ? m_several->data() : &m_one; }
  [[nodiscard]] const job::Id* end() const { return begin() + size(); }
  [[nodiscard]] std::size_t size() const { return m_several ? m_several->size() : m_one != 0 ? 1 : 0; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// The lowest. Not of an empty set.
  [[nodiscard]] job::Id front() const { return *begin(); }
  /// A copy, for who changes the set meanwhile.
  [[nodiscard]] std::vector<job::Id> all() const { return {begin(), end()}; }

  void insert(job::Id id) {
    if (empty() && !m_several) {
      m_one = id;
      return;
    }
    if (!m_several) m_several = std::make_unique<std::vector<job::Id>>(1, m_one);
    m_several->insert(std::ranges::lower_bound(*m_several, id), id);
  }
  /// One that is not in the set is no error.
  void erase(job::Id id) {
    if (m_several)
      std::erase(*m_several, id);
    else if (m_one == id)
      m_one = 0;
  }

  friend bool operator==(const JobIds& a, const std::vector<job::Id>& b) { return std::ranges::equal(a, b); }

 private:
  job::Id m_one = 0;                                ///< 0: none; without m_several
  std::unique_ptr<std::vector<job::Id>> m_several;  ///< all, once there were two
};

}  // namespace concd::queue
