#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "publish/publisher.hpp"
#include "queue/artifacts.hpp"
#include "queue/ledger.hpp"
#include "util/thread_checker.hpp"

namespace concd::queue {

/// Files of the library that somebody has touched since they were published: where their digest is known they
/// are read anew before anybody is answered with them; otherwise, or where it differs, they are fetched
/// again. Main thread.
class Recheck {
 public:
  /// Borrows all.
  Recheck(Artifacts& artifacts, Ledger& ledger, const library::StateFolder& folder)
      : m_artifacts(artifacts), m_ledger(ledger), m_folder(folder) {}

  void attach(publish::Publisher& publisher) { m_publisher = &publisher; }
  /// Whether run() has something to find out. Looks at the disk.
  [[nodiscard]] bool is_needed(const job::Spec& spec) const { return m_artifacts.is_in_doubt(spec); }
  /// Finds out whether what is in doubt is still what was published, then calls `known`, at once or later.
  void run(const job::Spec& spec, std::function<void()> known);

 private:
  [[nodiscard]] std::optional<publish::Doubt> doubt_about(const job::Artifact& artifact, bool unpacked) const;
  void found_out(const job::Artifact& asked, const std::optional<job::FileStamp>& stamp);
  void trust_again(job::Artifact artifact, const job::FileStamp& stamp);

  Artifacts& m_artifacts;
  Ledger& m_ledger;
  const library::StateFolder& m_folder;
  publish::Publisher* m_publisher = nullptr;
  std::map<std::string, std::vector<std::function<void()>>> m_waiting;  ///< by NAME
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::queue
