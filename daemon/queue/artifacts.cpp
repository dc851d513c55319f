#include "queue/artifacts.hpp"

#include <algorithm>
#include <utility>

namespace concd::queue {

using library::Presence;

void Artifacts::put(job::Artifact artifact) {
  auto& place = m_artifacts[artifact.name];
  place = std::move(artifact);
}

void Artifacts::distrust(const std::string& name) {
  m_artifacts.at(name).stamp = {};
}

std::function<job::Artifact()> Artifacts::maker(const std::string& name) const {
  if (name.empty()) return nullptr;
  return [this, name] { return *find(name); };
}

const job::Artifact* Artifacts::find(const std::string& name) const {
  const auto found = m_artifacts.find(name);
  return found == m_artifacts.end() ? nullptr : &found->second;
}

const job::Artifact* Artifacts::present(const job::Spec& spec) const {
  const auto* const artifact = find(spec.name);
  if (artifact == nullptr || m_folder.look(*artifact, spec.unpack) != Presence::same) return nullptr;
  if (spec.size && artifact->size != *spec.size) return nullptr;
  const bool same = spec.digest ? artifact->digest == job::to_string(*spec.digest)
                                : std::ranges::find(spec.urls, artifact->url) != spec.urls.end();
  return same ? artifact : nullptr;
}

bool Artifacts::is_in_doubt(const job::Spec& spec) const {
  if (spec.name.empty()) return false;
  const auto* const artifact = find(spec.name);
  return artifact != nullptr && artifact->stamp != job::FileStamp{} &&
         m_folder.look(*artifact, spec.unpack) == Presence::changed;
}

bool Artifacts::is_published(const std::string& name, const job::FileStamp& stamp) const {
  const auto* const artifact = find(name);
  return artifact != nullptr && artifact->stamp == stamp;
}

std::string Artifacts::path_of(const std::string& name, bool unpacked) const {
  const auto* const artifact = find(name);
  const bool same = artifact != nullptr && m_folder.look(*artifact, unpacked) == Presence::same;
  return same ? m_folder.library(name).string() : "";
}

}  // namespace concd::queue
