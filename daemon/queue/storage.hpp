#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "queue/change.hpp"
#include "store/queries.hpp"
#include "util/boxed.hpp"

namespace concd::queue {

/// A change on its way to the disk and back.
struct Entry {
  Change change;
  /// Not to be written where the new job's token is known of this user already; then the earlier job is here.
  Boxed<store::StoredJob> known;
  std::exception_ptr error;  ///< why nothing of the change has happened
};

template <typename T>
using Found = std::function<void(tl::expected<T, std::exception_ptr>)>;

/// What the queue needs of the store: the seam that tests put their own behind. All answers come on the main
/// thread, in the order of the calls, never before the call returns.
class Storage {
 public:
  using Written = std::function<void(std::vector<Entry> entries)>;

  virtual ~Storage() = default;
  /// Writes all entries in one transaction; each fails alone, unless the disk fails all of them.
  virtual void write(std::vector<Entry> entries, Written written) = 0;

  virtual void find_job(job::Id id, Found<std::optional<store::StoredJob>> found) = 0;
  virtual void find_token(uid_t uid, const std::string& token,
                          Found<std::optional<store::StoredJob>> found) = 0;
  virtual void newest_jobs(std::optional<job::Id> before, std::size_t limit,
                           Found<std::vector<store::StoredJob>> found) = 0;
  /// Of the transfers, those whose file nobody needs any more: all its jobs failed, were cancelled or have
  /// released it.
  virtual void unheld(std::vector<job::Id> transfers, Found<std::vector<job::Id>> found) = 0;
  /// Removes ended jobs that are not kept, at most store::k_prune_limit, and the transfers that nobody refers
  /// to any more. `seen` is kept, µs of CLOCK_REALTIME: see Retention::restore().
  struct Pruned {
    std::vector<job::Id> unheld;  ///< transfers whose file nobody needs any more
    bool more = false;            ///< there is more to be done
  };
  virtual void prune(const store::Keep& keep, Microseconds seen, Found<Pruned> found) = 0;
};

}  // namespace concd::queue
