#include "fake_backend.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.hpp"

namespace concd::control {
namespace {

std::optional<ino_t> inode_of(const ReceivedFd& file) {
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return std::nullopt;
  return status.st_ino;
}

}  // namespace

job::View& FakeBackend::add(job::Id id, job::State state) {
  auto& job = jobs[id];
  job.id = job.transfer = id;
  job.source = "job" + std::to_string(id);
  job.url = "sim:" + job.source;
  job.uid = ::getuid();
  job.state = state;
  return job;
}

void FakeBackend::answer_one(std::size_t which) {
  const auto place = m_held.begin() + static_cast<std::ptrdiff_t>(which);
  const auto answer = std::move(*place);
  m_held.erase(place);
  answer();
}

void FakeBackend::download(const job::Request& wanted, ReceivedFd handed, const job::Peer& who,
                           Reply<job::View> reply) {
  request = wanted;
  file = inode_of(handed);
  const auto id = static_cast<job::Id>(jobs.size()) + 1;
  note("download", id, who);
  if (!refusal) add(id, wanted.source == "present" ? job::State::done : job::State::queued);
  answer(id, std::move(reply));
}

void FakeBackend::attach(job::Id id, ReceivedFd handed, const job::Peer& who, Reply<job::View> reply) {
  file = inode_of(handed);
  note("attach", id, who);
  answer(id, std::move(reply));
}

void FakeBackend::get(job::Id id, Reply<job::View> reply) {
  calls.push_back("get " + std::to_string(id));
  answer(id, std::move(reply));
}

void FakeBackend::list(const ListQuery& wanted, Reply<std::vector<job::View>> reply) {
  query = wanted;
  std::vector<job::View> all;
  for (const auto& [id, job] : jobs) all.push_back(job);
  reply(std::move(all));
}

void FakeBackend::cancel(job::Id id, const job::Peer& who, Reply<job::View> reply) {
  note("cancel", id, who);
  answer(id, std::move(reply));
}

void FakeBackend::pause(job::Id id, const job::Peer& who, Reply<job::View> reply) {
  note("pause", id, who);
  answer(id, std::move(reply));
}

void FakeBackend::resume(job::Id id, const job::Peer& who, Reply<job::View> reply) {
  note("resume", id, who);
  answer(id, std::move(reply));
}

void FakeBackend::retry(job::Id id, const job::Peer& who, Reply<job::View> reply) {
  note("retry", id, who);
  answer(id, std::move(reply));
}

void FakeBackend::priority(job::Id id, job::Priority wanted, const job::Peer& who, Reply<job::View> reply) {
  note("priority", id, who);
  if (jobs.contains(id)) jobs.at(id).priority = wanted;
  answer(id, std::move(reply));
}

void FakeBackend::release(job::Id id, const job::Peer& who, Reply<job::View> reply) {
  note("release", id, who);
  answer(id, std::move(reply));
}

void FakeBackend::open_result(job::Id id, const job::Peer& who, Reply<std::shared_ptr<ResultFile>> reply) {
  note("open_result", id, who);
  if (refusal) return reply(tl::unexpected(*refusal));
  reply(std::make_shared<ResultFile>(
      ResultFile{open_file(result_file, O_RDONLY), "file.txt", 5, Microseconds(9)}));
}

Status FakeBackend::status() {
  Status status;
  status.active = 3;
  return status;
}

std::vector<CatalogItem> FakeBackend::catalog(const std::string& after) {
  std::vector<CatalogItem> items;
  for (const auto& name : names) {
    if (name <= after) continue;
    CatalogItem item;
    item.name = name;
    item.urls = {"sim:" + name};
    items.push_back(std::move(item));
  }
  return items;
}

void FakeBackend::note(const std::string& verb, job::Id id, const job::Peer& who) {
  calls.push_back(verb + " " + std::to_string(id));
  peer = who;
}

void FakeBackend::answer(job::Id id, Reply<job::View> reply) {
  now_or_later([this, id, reply = std::move(reply)] {
    if (refusal) return reply(tl::unexpected(*refusal));
    const auto found = jobs.find(id);
    if (found == jobs.end()) return reply(tl::unexpected(Refusal(NoSuchJob{id})));
    reply(found->second);
  });
}

void FakeBackend::now_or_later(std::function<void()> answer) {
  if (hold)
    m_held.push_back(std::move(answer));
  else
    answer();
}

}  // namespace concd::control
