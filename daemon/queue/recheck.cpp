#include "queue/recheck.hpp"

#include <system_error>
#include <utility>

#include <spdlog/spdlog.h>

namespace concd::queue {

void Recheck::run(const job::Spec& spec, std::function<void()> known) {
  m_thread.check();
  auto& waiting = m_waiting[spec.name];
  waiting.push_back(std::move(known));
  if (waiting.size() > 1) return;
  const auto artifact = *m_artifacts.find(spec.name);
  auto doubt = doubt_about(artifact, spec.unpack);
  if (!doubt) return found_out(artifact, std::nullopt);
  m_publisher->look_again(*std::move(doubt),
                          [this, artifact](const auto& stamp) { found_out(artifact, stamp); });
}

/// Nothing: it cannot be told from its bytes.
std::optional<publish::Doubt> Recheck::doubt_about(const job::Artifact& artifact, bool unpacked) const {
  const auto digest = job::parse_digest(artifact.digest);
  if (unpacked || !digest) return std::nullopt;
  try {
    auto file = std::make_shared<const UniqueFd>(m_folder.open_library(artifact.name));
    return publish::Doubt{std::move(file), artifact.size, *digest};
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

void Recheck::found_out(const job::Artifact& asked, const std::optional<job::FileStamp>& stamp) {
  m_thread.check();
  const auto& name = asked.name;
  const auto known = std::exchange(m_waiting[name], {});
  m_waiting.erase(name);
  // It may have been published anew meanwhile.
  if (const auto now = *m_artifacts.find(name); now.stamp == asked.stamp) {
    if (stamp) {
      trust_again(now, *stamp);
    } else {
      spdlog::warn("{} was changed since it was published, and is fetched again",
                   m_folder.library(name).string());
      m_artifacts.distrust(name);
    }
  }
  for (const auto& call : known) call();
}

void Recheck::trust_again(job::Artifact artifact, const job::FileStamp& stamp) {
  const auto name = artifact.name;
  artifact.stamp = stamp;
  m_artifacts.put(std::move(artifact));
  m_ledger.commit_eventually(
      [maker = m_artifacts.maker(name)] {
        Change change;
        change.artifact = maker();
        return std::optional(std::move(change));
      },
      nullptr);
}

}  // namespace concd::queue
