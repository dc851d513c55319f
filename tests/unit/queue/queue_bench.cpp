#include "unit/queue/queue_bench.hpp"

#include <filesystem>
#include <iterator>

#include <fcntl.h>

#include "util/file.hpp"

namespace concd::test {

namespace fs = std::filesystem;

job::Failure failure(job::RetryClass retry_class, job::FailureKind kind) {
  return {kind, retry_class, "it did not work", 0, {}};
}

publish::Result stopped(bool kept) {
  return {publish::Result::Kind::stopped, std::nullopt, kept};
}

job::Request request_for(const std::string& source) {
  job::Request request;
  request.source = source;
  return request;
}

QueueBench::QueueBench()
    : core({time, alarms, storage, folder, listener, [this] { return online; }, [this] { return free; }}) {
  folder.prepare();
  core.attach({&threads, &processes}, publisher, descriptors);
  config.transfer.min_free = 1;
  configure();
}

void QueueBench::configure(const std::string& catalog) {
  const auto file = root.write("catalog/entries.toml", catalog);
  core.configure(config, catalog::Catalog::load({file.parent_path()}, toml::Trust::root_or_caller));
}

void QueueBench::turn() {
  while (time.ring_one() || (!holds_answers && storage.answer_one())) {
  }
}

void QueueBench::advance(Microseconds span) {
  const auto until = time.boottime() + span;
  for (turn(); time.next_alarm() <= until; turn()) time.pass(time.next_alarm() - time.boottime());
  time.pass(until - time.boottime());
  turn();
}

Answer<View> QueueBench::request(const job::Request& request, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.download(request, {}, peer, reply); });
}

View QueueBench::download(const std::string& source, const job::Peer& peer) {
  auto answer = request(request_for(source), peer);
  REQUIRE(answer);
  return *answer;
}

ReceivedFd opened(const fs::path& file) {
  return ReceivedFd(open_file(file, O_RDWR | O_CREAT));
}

View QueueBench::download_into(const fs::path& file, const std::string& source) {
  auto answer = answer_of<View>(
      [&](auto reply) { service.download(request_for(source), opened(file), k_self, reply); });
  REQUIRE(answer);
  return *answer;
}

View QueueBench::get(job::Id id) {
  auto answer = answer_of<View>([&](auto reply) { service.get(id, reply); });
  REQUIRE(answer);
  return *answer;
}

Answer<View> QueueBench::cancel(job::Id id, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.cancel(id, peer, reply); });
}

Answer<View> QueueBench::pause(job::Id id, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.pause(id, peer, reply); });
}

Answer<View> QueueBench::resume(job::Id id, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.resume(id, peer, reply); });
}

Answer<View> QueueBench::retry(job::Id id, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.retry(id, peer, reply); });
}

Answer<View> QueueBench::release(job::Id id, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.release(id, peer, reply); });
}

Answer<View> QueueBench::priority(job::Id id, job::Priority priority, const job::Peer& peer) {
  return answer_of<View>([&](auto reply) { service.priority(id, priority, peer, reply); });
}

void QueueBench::started(job::Id transfer) {
  core.events().on_started(transfer, {"transfer-0", 0});
  turn();
}

void QueueBench::progress(job::Id transfer, std::uint64_t received) {
  core.events().on_progress(transfer, {received, std::nullopt, 0});
  turn();
}

void QueueBench::checkpoint(job::Id transfer, std::uint64_t durable) {
  core.events().on_checkpoint(transfer, outcome(job::Outcome::Kind::stopped, transfer, durable).checkpoint);
  turn();
}

void QueueBench::finish(job::Id transfer, const job::Outcome& outcome) {
  core.events().on_finished(transfer, outcome);
  turn();
}

job::Outcome QueueBench::outcome(job::Outcome::Kind kind, job::Id transfer, std::uint64_t durable) const {
  const auto& tasks = threads.tasks.contains(transfer) ? threads.tasks : processes.tasks;
  const auto& task = tasks.at(transfer);
  job::Outcome outcome;
  outcome.kind = kind;
  outcome.contacted = true;
  if (durable > 0 || kind == job::Outcome::Kind::delivered) {
    outcome.checkpoint.part = task.checkpoint.part != 0 ? task.checkpoint.part : task.fresh_part;
    outcome.checkpoint.url = task.url;
    outcome.checkpoint.set_durable(durable);
  }
  return outcome;
}

void QueueBench::deliver(job::Id transfer, std::uint64_t size) {
  auto delivered = outcome(job::Outcome::Kind::delivered, transfer);
  delivered.size = size;
  finish(transfer, delivered);
}

void QueueBench::fail(job::Id transfer, const job::Failure& failure) {
  auto failed = outcome(job::Outcome::Kind::failed, transfer);
  failed.failure = failure;
  finish(transfer, failed);
}

void QueueBench::let_go(job::Id transfer, std::uint64_t durable) {
  finish(transfer, outcome(job::Outcome::Kind::stopped, transfer, durable));
}

void QueueBench::publish(job::Id transfer) {
  publisher.publish(transfer);
  turn();
}

void QueueBench::publication_ends(job::Id transfer, const publish::Result& result) {
  publisher.answer(transfer, result);
  turn();
}

void QueueBench::fetch(job::Id transfer, std::uint64_t size) {
  started(transfer);
  deliver(transfer, size);
  publish(transfer);
}

std::size_t QueueBench::partials() const {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder.partials()), fs::directory_iterator()));
}

bool QueueBench::has_result(job::Id transfer) const {
  return fs::exists(folder.result(transfer));
}

}  // namespace concd::test
