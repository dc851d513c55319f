#include "control/subscriptions.hpp"

namespace concd::control {
namespace {

constexpr job::Id k_all_jobs = 0;

}  // namespace

struct Subscriptions::Entry {
  job::Id id;
  Watcher watcher;
  bool active = true;
};

Subscriptions::Subscription::~Subscription() {
  if (!m_entry) return;
  m_entry->active = false;
  m_owner->remove(*m_entry);
}

Subscriptions::Subscription Subscriptions::watch_job(job::Id id, Watcher watcher) {
  return add(id, std::move(watcher));
}

Subscriptions::Subscription Subscriptions::watch_all(Watcher watcher) {
  return add(k_all_jobs, std::move(watcher));
}

bool Subscriptions::watches(job::Id id) const {
  m_thread.check();
  return m_entries.contains(k_all_jobs) || m_entries.contains(id);
}

void Subscriptions::notify(const News& news) {
  m_thread.check();
  // Watchers come and go while they are called, so a copy of the list is walked; who has gone since is left
  // out.
  Entries concerned;
  for (const auto id : {news.job().id, k_all_jobs})
    if (const auto found = m_entries.find(id); found != m_entries.end())
      concerned.insert(concerned.end(), found->second.begin(), found->second.end());
  for (const auto& entry : concerned)
    if (entry->active) entry->watcher(news);
}

Subscriptions::Subscription Subscriptions::add(job::Id id, Watcher watcher) {
  m_thread.check();
  auto entry = std::make_shared<Entry>(Entry{id, std::move(watcher)});
  m_entries[id].push_back(entry);
  return {*this, std::move(entry)};
}

void Subscriptions::remove(const Entry& entry) {
  m_thread.check();
  const auto found = m_entries.find(entry.id);
  std::erase_if(found->second, [&](const auto& other) { return other.get() == &entry; });
  if (found->second.empty()) m_entries.erase(found);
}

}  // namespace concd::control
