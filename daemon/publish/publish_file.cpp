#include "publish/publish_file.hpp"

#include <exception>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "job/local_failure.hpp"
#include "publish/part.hpp"
#include "publish/place.hpp"
#include "publish/verify.hpp"
#include "util/crash_point.hpp"
#include "util/file.hpp"
#include "util/file_copy.hpp"

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

/// Null when `stop` became true meanwhile.
job::SharedFd copy_of(const Publication& publication, const std::atomic<bool>& stop) {
  auto to = open_file(publication.part, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW);
  FileCopy copy(publication.file->get(), to.get(), publication.size);
  while (!stop.load() && !copy.step()) continue;
  if (stop.load()) {
    ::unlink(publication.part.c_str());
    return nullptr;
  }
  crash_point("publish.copied");
  return std::make_shared<const UniqueFd>(std::move(to));
}

}  // namespace

std::optional<Result> make_ready(const Publication& publication, FolderSync& folders,
                                 const std::atomic<bool>& stop) noexcept {
  try {
    if (auto end = verify_or_end(publication, folders, stop)) return end;
    crash_point("publish.verified");
    if (!publication.in_place) set_attributes(publication);
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

void place_copy(const Publication& publication, FolderSync& folders, const std::atomic<bool>& stop,
                const std::function<void(const Result& result)>& answer) noexcept {
  if (publication.destination.empty()) return answer({});
  try {
    auto copy = publication;
    copy.file = copy_of(publication, stop);
    if (!copy.file) return answer(stopped_and_kept(publication, folders));
    copy.in_place = false;
    set_attributes(copy);
    sync_part(copy);
    place_file(copy, folders, [answer](const Result& result) {
      // Whatever the copy came to, the file itself is here.
      answer(result.failure ? Result{result.kind, result.failure, true} : result);
    });
  } catch (const std::exception& error) {
    ::unlink(publication.part.c_str());
    answer(failed_and_kept(publication, job::failure_of(error), folders));
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
