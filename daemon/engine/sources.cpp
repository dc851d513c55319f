#include "engine/sources.hpp"

#include <algorithm>
#include <utility>

#include "util/url.hpp"

namespace concd::engine {
namespace {

ResumePlan part_of(std::uint64_t total, const job::Validators& validators) {
  ResumePlan part;
  part.total = total;
  part.validators = validators;
  part.if_range = if_range_of(validators);
  return part;
}

/// The task as if the mirror's URL were its own.
job::Task task_at(const job::Task& task, const job::Mirror& mirror) {
  auto result = task;
  result.url = mirror.url;
  result.met_public = mirror.met_public;
  return result;
}

}  // namespace

FileSource::FileSource(job::Task for_its_url, std::shared_ptr<HostConnections> hosts)
    : task(std::move(for_its_url)), seat(std::move(hosts), url_host(task.url)) {}

Sources::Sources(const job::Task& task, std::shared_ptr<HostConnections> hosts)
    : m_task(task), m_hosts(std::move(hosts)) {
  m_sources.push_back(std::make_unique<FileSource>(task, m_hosts));
}

void Sources::divide(std::uint64_t total, const job::Validators& own, const job::Validators& common) {
  first().part = part_of(total, own);
  // Without either nobody could tell that theirs is the same file.
  if (!m_task.digest && common.empty()) return;
  for (std::size_t index = 0; index < m_task.mirrors.size(); ++index) {
    const auto& mirror = m_task.mirrors[index];
    // Others have no parts that are sure to be what was asked for.
    if (!url_scheme(mirror.url).starts_with("http")) continue;
    auto& source = *m_sources.emplace_back(std::make_unique<FileSource>(task_at(m_task, mirror), m_hosts));
    source.mirror = index;
    source.part = part_of(total, m_task.digest ? job::Validators() : common);
  }
}

FileSource* Sources::next(const HostConnections::Limits& limits, Microseconds now, const FileSource* but) {
  FileSource* found = nullptr;
  for (const auto& source : m_sources) {
    if (source->lost || source.get() == but || source->active >= source->seat.ceiling(limits, now)) continue;
    if (found == nullptr || source->active < found->active) found = source.get();
  }
  return found;
}

std::size_t Sources::ceiling(const HostConnections::Limits& limits, Microseconds now) const {
  std::size_t sum = 0;
  for (const auto& source : m_sources)
    if (!source->lost) sum += source->seat.ceiling(limits, now);
  return std::min(sum, limits.per_host);
}

void Sources::reset_counts() {
  for (const auto& source : m_sources) source->active = source->working = 0;
}

void Sources::refused(FileSource& source, const std::string& why, const HostConnections::Limits& limits,
                      Microseconds now) {
  if (source.working > 0)
    source.seat.refused(source.working, limits, now);
  else
    source.lost = why;
}

std::vector<job::DroppedMirror> Sources::dropped() const {
  std::vector<job::DroppedMirror> dropped;
  for (const auto& source : m_sources)
    if (source->mirror && source->lost) dropped.push_back({*source->mirror, *source->lost});
  return dropped;
}

}  // namespace concd::engine
