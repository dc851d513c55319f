#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "job/artifact.hpp"
#include "job/spec.hpp"
#include "library/state_folder.hpp"
#include "util/clock.hpp"

namespace concd::queue {

/// What the library holds, as the database knows it. Main thread.
class Artifacts {
 public:
  explicit Artifacts(const library::StateFolder& folder) : m_folder(folder) {}

  void put(job::Artifact artifact);
  /// Makes what was published last under the name, at the moment when it is called; null for no name.
  [[nodiscard]] std::function<job::Artifact()> maker(const std::string& name) const;
  /// Null when nothing was ever published under the name.
  [[nodiscard]] const job::Artifact* find(const std::string& name) const;
  /// What the library has under the name, if that is the file that the spec asks for; how old it is, is
  /// another question. Null otherwise. Looks at the disk.
  [[nodiscard]] const job::Artifact* present(const job::Spec& spec) const;
  /// The path of what was published under the name and is still there; empty otherwise. Looks at the disk.
  [[nodiscard]] std::string path_of(const std::string& name, bool unpacked) const;

 private:
  const library::StateFolder& m_folder;
  std::map<std::string, job::Artifact, std::less<>> m_artifacts;
};

}  // namespace concd::queue
