#include "engine/publish.hpp"

#include <system_error>

#include "engine/failure_of.hpp"
#include "engine/tree.hpp"
#include "util/crash_point.hpp"
#include "util/file.hpp"

namespace concd::engine {
namespace {

namespace fs = std::filesystem;
using job::Failure;
using job::FailureKind;
using job::Outcome;
using job::RetryClass;

/// Nothing to report: all is well so far. Otherwise why not, or Kind::stopped.
using Refusal = std::optional<Outcome>;

Outcome failed(Failure failure) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.failure = std::move(failure);
  return outcome;
}

Refusal verify(const Publication& publication) {
  const auto& expected = publication.task.digest;
  if (!expected) return std::nullopt;
  auto found = publication.digest;
  if (found.empty()) {
    auto read = publication.file.digest(expected->algorithm, publication.size, publication.stop);
    if (!read) {
      Outcome outcome;
      outcome.kind = Outcome::Kind::stopped;
      return outcome;
    }
    found = std::move(*read);
  }
  if (found == expected->hex) return std::nullopt;
  // Bytes that were joined on trust may be what is wrong, rather than this server's file.
  const auto retry_class = publication.validated ? RetryClass::mirror : RetryClass::retry;
  return failed({FailureKind::verification, retry_class,
                 "the file is not the expected one: its " + expected->algorithm + " is " + found});
}

void place_file(const Publication& publication) {
  const auto& destination = publication.task.destination;
  replace_by(publication.file.path(), destination);
  crash_point("publish.renamed");
  // Where a folder was before, it has changed places with the file.
  std::error_code ignored;
  fs::remove_all(publication.file.path(), ignored);
  crash_point("publish.cleared");
  sync_folder(destination.parent_path());
  crash_point("publish.named");
}

Refusal place_folder(const Publication& publication) {
  if (!publication.unpack)
    return failed({FailureKind::other, RetryClass::none,
                   "archives are not unpacked here: this job needs the executor \"process\""});
  const auto& destination = publication.task.destination;
  auto folder = publication.file.path();
  folder += ".unpack";
  fs::remove_all(folder);
  crash_point("unpack.cleared");
  auto failure = publication.unpack(publication.file.path(), folder);
  if (!failure) {
    crash_point("unpack.extracted");
    sync_tree(folder);
    crash_point("unpack.synced");
    replace_by(folder, destination);
    crash_point("unpack.renamed");
    sync_folder(destination.parent_path());
    crash_point("unpack.named");
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  crash_point("unpack.swapped");
  if (failure && failure->kind == FailureKind::file) {
    // The disk is to blame and not the archive, which need not be fetched again.
    auto outcome = failed(std::move(*failure));
    outcome.checkpoint = keep(publication.file, publication.checkpoint, publication.size);
    return outcome;
  }
  publication.file.remove();
  return failure ? Refusal(failed(std::move(*failure))) : std::nullopt;
}

Outcome publish_or_throw(const Publication& publication) {
  if (auto refusal = verify(publication)) {
    if (refusal->kind == Outcome::Kind::failed) publication.file.remove();
    return *refusal;
  }
  crash_point("publish.verified");
  publication.file.set_attributes(publication.task.mode, publication.mtime.count());
  publication.file.sync_bytes();
  if (publication.task.unpack) {
    if (auto refusal = place_folder(publication)) return *refusal;
  } else {
    place_file(publication);
  }
  Outcome outcome;
  outcome.kind = Outcome::Kind::published;
  outcome.size = publication.size;
  return outcome;
}

}  // namespace

Outcome publish(const Publication& publication) noexcept {
  Outcome outcome;
  try {
    outcome = publish_or_throw(publication);
  } catch (const std::exception& error) {
    outcome = failed(failure_of(error));
    outcome.checkpoint = keep(publication.file, publication.checkpoint, publication.size);
  }
  if (outcome.kind == Outcome::Kind::stopped)
    outcome.checkpoint = keep(publication.file, publication.checkpoint, publication.size);
  return outcome;
}

job::Checkpoint keep(PartFile& file, job::Checkpoint checkpoint, std::uint64_t size) noexcept {
  try {
    if (PartFile::size_of(file.path()) > size) file.shorten(size);
    file.sync();
    crash_point("keep.synced");
    // It may have been renamed already when the trouble came.
    if (PartFile::size_of(file.path()) < size) return {};
    checkpoint.durable = size;
    return checkpoint;
  } catch (const std::exception&) {
    file.remove();
    return {};
  }
}

}  // namespace concd::engine
