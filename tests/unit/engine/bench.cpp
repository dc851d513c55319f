#include "bench.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include <fcntl.h>

#include "lib/openssl/digest_stream.hpp"
#include "util/file.hpp"

namespace concd::test {
namespace fs = std::filesystem;

Bench::Bench(std::size_t threads) : m_threads(threads) {
  std::string name = (fs::temp_directory_path() / "concd-transfer-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  m_folder = name;
  fs::create_directory(m_folder / "partial");
}

Bench::~Bench() {
  m_engine.reset();
  fs::remove_all(m_folder);
}

engine::Pool& Bench::pool() {
  if (!m_engine) m_engine = std::make_unique<Engine>(settings, m_threads, *this);
  return m_engine->pool;
}

job::Task Bench::task(const std::string& url, job::Id id) {
  job::Task task;
  task.id = id;
  task.url = url;
  return next(std::move(task), {});
}

job::Task Bench::next(job::Task task, const job::Checkpoint& kept) {
  task.checkpoint = kept;
  task.kept = kept.part == 0 ? nullptr : m_parts.at(kept.part);
  task.fresh_part = new_part("");
  task.fresh = m_parts.at(task.fresh_part);
  return task;
}

std::uint32_t Bench::new_part(const std::string& text) {
  const auto number = static_cast<std::uint32_t>(m_parts.size() + 1);
  write(path(number), text);
  m_parts[number] = std::make_shared<UniqueFd>(open_file(path(number), O_RDWR));
  return number;
}

fs::path Bench::path(std::uint32_t number) const {
  return m_folder / "partial" / std::to_string(number);
}

void Bench::start(job::Task task) {
  ++m_running;
  pool().start(std::move(task));
}

void Bench::finish() {
  if (m_running > 0) m_engine->loop.run();
  // An sd-event loop runs once.
  m_engine.reset();
}

job::Outcome Bench::run(job::Task task) {
  const auto id = task.id;
  start(std::move(task));
  finish();
  return m_outcomes.at(id);
}

void Bench::on_started(job::Id id, const job::Execution& execution) {
  m_executions[id] = execution;
}

void Bench::on_progress(job::Id id, const job::Progress& progress) {
  m_progress[id].push_back(progress);
  if (on_progress_of) on_progress_of(id);
}

void Bench::on_checkpoint(job::Id id, const job::Checkpoint& checkpoint) {
  m_checkpoints[id].push_back(checkpoint);
}

void Bench::on_finished(job::Id id, const job::Outcome& outcome) {
  m_outcomes[id] = outcome;
  if (--m_running == 0) m_engine->loop.exit(0);
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

job::Digest sha256(const std::string& text) {
  openssl::DigestStream stream("sha256");
  stream.update(text);
  return {"sha256", stream.finish()};
}

std::string noise(std::size_t size, unsigned seed) {
  std::minstd_rand random(seed);
  std::string result(size, '\0');
  for (auto& byte : result) byte = static_cast<char>(random() >> 8);
  return result;
}

}  // namespace concd::test
