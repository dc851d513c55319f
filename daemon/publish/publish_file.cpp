#include "publish/publish_file.hpp"

#include <exception>
#include <utility>

#include "job/local_failure.hpp"
#include "publish/part.hpp"
#include "publish/place.hpp"
#include "publish/verify.hpp"
#include "util/crash_point.hpp"

namespace concd::publish {
namespace {

std::optional<Result> verify_or_end(const Publication& publication, FolderSync& folders,
                                    const std::atomic<bool>& stop) {
  const auto refusal = verify(publication, stop);
  if (!refusal) return std::nullopt;
  if (refusal->kind == Result::Kind::stopped) return stopped_and_kept(publication, folders);
  return failed_and_removed(publication, *refusal->failure);
}

/// How it ended for a file that has its new name, after the sync of the folder.
Result ended(const std::optional<job::Failure>& failure, const job::FileStamp& stamp) {
  if (failure) return {Result::Kind::failed, failure, false};
  crash_point("publish.named");
  return {Result::Kind::published, std::nullopt, false, stamp};
}

/// The folder that the file has changed places with is removed once its name is gone for good; here, and not
/// by a thread of `folders`, for which others wait.
Result sync_and_clear(const Publication& publication, FolderSync& folders, const job::FileStamp& stamp) {
  auto result = ended(folders.sync(publication.destination.parent_path()), stamp);
  if (result.failure) return result;
  remove_replaced(publication.part);
  crash_point("publish.cleared");
  return result;
}

}  // namespace

std::optional<Result> make_ready(const Publication& publication, FolderSync& folders,
                                 const std::atomic<bool>& stop) noexcept {
  try {
    if (auto end = verify_or_end(publication, folders, stop)) return end;
    crash_point("publish.verified");
    set_attributes(publication);
  } catch (const std::exception& error) {
    return failed_and_kept(publication, job::failure_of(error), folders);
  }
  try {
    sync_part(publication);
    return std::nullopt;
  } catch (const std::exception& error) {
    return failed_and_removed(publication, job::failure_of(error));
  }
}

void place_file(const Publication& publication, FolderSync& folders,
                const std::function<void(const Result& result)>& answer) noexcept {
  try {
    const bool exchanged = replace_by(publication.part, publication.destination);
    crash_point("publish.renamed");
    // After the rename, which is the last change of it.
    const auto stamp = job::stamp_of(publication.file->get());
    if (exchanged) return answer(sync_and_clear(publication, folders, stamp));
    folders.sync(
        publication.destination.parent_path(),
        [answer, stamp](const std::optional<job::Failure>& failure) { answer(ended(failure, stamp)); });
  } catch (const std::exception& error) {
    answer(failed_and_kept(publication, job::failure_of(error), folders));
  }
}

}  // namespace concd::publish
