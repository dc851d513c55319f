#pragma once

#include <chrono>
#include <string>

#include "job/job.hpp"
#include "job/transfer.hpp"
#include "store/queries.hpp"

namespace concd::test {

using namespace std::chrono_literals;

/// A transfer as it is made for the first job that wants it.
inline job::Transfer new_transfer(job::Id id, const std::string& url = "https://example.org/file") {
  job::Transfer transfer;
  transfer.id = id;
  transfer.spec.urls = {url};
  return transfer;
}

/// A job as it is accepted.
inline job::Job new_job(job::Id id, job::Id transfer) {
  job::Job job;
  job.id = id;
  job.transfer = transfer;
  job.peer = {1000, 1000, 4711};
  job.created = 1'700'000'000s;
  return job;
}

/// Adds a new job with a transfer of its own, both with this id.
inline void add(store::Queries& queries, job::Id id) {
  queries.insert_transfer(new_transfer(id));
  queries.insert_job(new_job(id, id));
}

/// A transfer in which every field has a value of its own; its phase is that of a new one.
inline job::Transfer full_transfer(job::Id id) {
  job::Transfer transfer;
  transfer.id = id;
  transfer.spec = {
      "Ñandú \"1\".txt",
      {"https://u:p@example.org/a,b", "ftp://example.org/\"quoted\"", "https://example.org/\xC3\xB1"},
      job::Digest{"sha256", std::string(64, 'a')},
      std::uint64_t{5'000'000'000},
      job::ExecutorKind::process,
      true};
  transfer.mirror = 2;
  transfer.checkpoint = {3,
                         "https://example.org/a,b",
                         {{0, 1'234'567}, {2'000'000, 1}, {3'000'000, 4'000'000}},
                         7'654'321,
                         {"\"e\xE9-tag\"", "Tue, 15 Nov 1994"}};
  transfer.history = {1'700'000'000'000'002us, 4, 5, 6, true, 2, 7'000'000, 17s, 19s};
  transfer.failure =
      job::Failure{job::FailureKind::server, job::RetryClass::retry, "503 from the server", 503, 120s};
  transfer.size = 7'654'322;
  transfer.mtime = 1'600'000'000'000'006us;
  return transfer;
}

/// A job in which every field has a value of its own.
inline job::Job full_job(job::Id id, job::Id transfer) {
  job::Job job;
  job.id = id;
  job.transfer = transfer;
  job.peer = {4'294'967'294U, 1001, 4711};
  job.standing = job::Standing::failed;
  job.priority = job::Priority::high;
  job.force = true;
  job.released = true;
  job.token = "mine; DROP TABLE job";
  job.output = "/home/you/a file";
  job.created = 1'700'000'000'000'001us;
  job.finished = 1'700'000'000'000'003us;
  return job;
}

}  // namespace concd::test
