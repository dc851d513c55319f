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
  /// What is there under the name is not what was published: nobody is answered with it any more.
  void distrust(const std::string& name);
  /// Makes what was published last under the name, at the moment when it is called; null for no name.
  [[nodiscard]] std::function<job::Artifact()> maker(const std::string& name) const;
  /// Null when nothing was ever published under the name.
  [[nodiscard]] const job::Artifact* find(const std::string& name) const;
  /// What the library has under the name, if that is the file that the spec asks for and nobody has touched
  /// it since; how old it is, is another question. Null otherwise. Looks at the disk.
  [[nodiscard]] const job::Artifact* present(const job::Spec& spec) const;
  /// Whether the library has something under the spec's name that somebody has touched since it was
  /// published, and nobody has found out yet whether it is another one. Looks at the disk.
  [[nodiscard]] bool is_in_doubt(const job::Spec& spec) const;
  /// Whether that is the stamp of what was published last under the name.
  [[nodiscard]] bool is_published(const std::string& name, const job::FileStamp& stamp) const;
  /// The path of what was published under the name and is there as it was; empty otherwise. Looks at the
  /// disk.
  [[nodiscard]] std::string path_of(const std::string& name, bool unpacked) const;

 private:
  const library::StateFolder& m_folder;
  std::map<std::string, job::Artifact, std::less<>> m_artifacts;
};

}  // namespace concd::queue
