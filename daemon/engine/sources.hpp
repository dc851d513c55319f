#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/host_connections.hpp"
#include "engine/origin.hpp"
#include "engine/validators.hpp"
#include "job/executor.hpp"

namespace concd::engine {

/// A URL that a file comes from in one attempt.
struct FileSource {
  FileSource(job::Task for_its_url, std::shared_ptr<HostConnections> hosts);

  /// What a connection to it has met. Once that was the internet, a later answer of a name server leads none
  /// of the others to a private network, see OriginGuard.
  void heed(const Origin& origin) { task.met_public |= origin.met_public(); }

  job::Task task;
  HostConnections::Seat seat;
  std::optional<std::size_t> mirror;  ///< into Task::mirrors; nothing: the URL of the task
  ResumePlan part;                    ///< how a part is asked for, but for its range
  std::size_t active = 0;             ///< connections to it
  std::size_t working = 0;            ///< those that have brought something
  std::optional<std::string> lost;    ///< why it is asked for nothing any more
};

/// Where a file comes from in one attempt: the URL of the task and, once it is known how to tell that theirs
/// is the same file, its mirrors. Lives on the transfer's thread.
class Sources {
 public:
  /// `task` outlives this.
  Sources(const job::Task& task, std::shared_ptr<HostConnections> hosts);

  /// The URL of the task.
  [[nodiscard]] FileSource& first() { return *m_sources.front(); }
  [[nodiscard]] const FileSource& first() const { return *m_sources.front(); }
  /// From now on parts may be asked for: of the first with its own validators, of the others with what they
  /// may have in common with it, or on trust in the digest.
  void divide(std::uint64_t total, const job::Validators& own, const job::Validators& common);
  /// Who is to bring the next part: of those that may have one more connection the one that has fewest. Null:
  /// nobody. `but`: another than that.
  [[nodiscard]] FileSource* next(const HostConnections::Limits& limits, Microseconds now,
                                 const FileSource* but = nullptr);
  /// Connections that all together may have.
  [[nodiscard]] std::size_t ceiling(const HostConnections::Limits& limits, Microseconds now) const;
  /// All counts to 0.
  void reset_counts();
  /// A connection to it brought nothing, because of `why`.
  void refused(FileSource& source, const std::string& why, const HostConnections::Limits& limits,
               Microseconds now);
  /// Mirrors that are lost.
  [[nodiscard]] std::vector<job::DroppedMirror> dropped() const;

 private:
  const job::Task& m_task;
  std::shared_ptr<HostConnections> m_hosts;
  std::vector<std::unique_ptr<FileSource>> m_sources;  ///< in the order of the task, the first one besides
};

}  // namespace concd::engine
