// A queue whose file was damaged: three bytes of the input are where, and what is turned over there. Whatever
// the damage, recovering either refuses or leaves a queue in which everything can be read.

#include <fstream>
#include <string>

#include "expect.hpp"
#include "lib/sqlite/database.hpp"
#include "lib/sqlite/transaction.hpp"
#include "store/error.hpp"
#include "store/open.hpp"
#include "store/queries.hpp"
#include "store/recover.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

namespace {

using namespace concd;
namespace fs = std::filesystem;

void fill(const fs::path& file) {
  auto database = store::open_database(file);
  store::Queries queries(database);
  sqlite::Transaction transaction(database);
  for (job::Id id = 1; id <= 40; ++id) {
    job::Transfer transfer;
    transfer.id = id;
    transfer.spec.urls = {"https://example.org/" + std::to_string(id)};
    queries.insert_transfer(transfer);
    job::Job job;
    job.id = job.transfer = id;
    job.token = "token " + std::to_string(id);
    queries.insert_job(job);
  }
  queries.put_artifact({"a", "https://example.org/a", {}, 1, "", {}});
  transaction.commit();
}

void read_all(const fs::path& file) {
  auto database = store::open_database(file);
  store::Queries queries(database);
  static_cast<void>(queries.last_ids());
  static_cast<void>(queries.unfinished_transfers());
  static_cast<void>(queries.unfinished_jobs());
  static_cast<void>(queries.newest_jobs(std::nullopt, 1000));
  static_cast<void>(queries.artifacts());
}

/// The file of a whole queue.
const std::string& whole() {
  static const auto bytes = [] {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "queue.db";
    fill(file);
    return read_text(file, 64 << 20);
  }();
  return bytes;
}

std::string damaged(const std::uint8_t* data, std::size_t size) {
  auto bytes = whole();
  for (std::size_t i = 0; i + 2 < size; i += 3) {
    auto& byte = bytes[(data[i] * 256U + data[i + 1]) % bytes.size()];
    byte = static_cast<char>(byte ^ data[i + 2]);
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "queue.db";
  std::ofstream(file, std::ios::binary) << damaged(data, size);
  try {
    static_cast<void>(store::recover(file));
  } catch (const store::StoreError&) {
    return 0;
  }
  read_all(file);
  return 0;
}
