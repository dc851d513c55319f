#include "publish/publish_tree.hpp"

#include <exception>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "job/local_failure.hpp"
#include "library/remove_tree.hpp"
#include "library/state_folder.hpp"
#include "publish/part.hpp"
#include "publish/place.hpp"
#include "publish/tree.hpp"
#include "publish/verify.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"

namespace concd::publish {
namespace {

namespace fs = std::filesystem;
using job::Failure;
using job::FailureKind;
using job::RetryClass;

fs::path folder_of(const Publication& publication) {
  return library::unpack_folder(publication.part);
}

Failure refused(const std::string& why) {
  return {FailureKind::verification, RetryClass::none, "what was unpacked was refused: " + why};
}

std::optional<Failure> refuse(const fs::path& path, int folder, const std::atomic<bool>& stop) {
  if (!is_linked(folder, path)) return refused("the folder is no longer in its place");
  const auto why = check_tree(folder, path, stop);
  return why ? std::optional(refused(*why)) : std::nullopt;
}

void open_to_readers(int folder, const fs::path& path) {
  check_errno(::fchmod(folder, 0755), "cannot set the mode of " + path.string());
  crash_point("unpack.mode_set");
}

/// False when stopped before anything was renamed.
bool sync_and_rename(const Publication& publication, int folder, const std::atomic<bool>& stop) {
  const auto path = folder_of(publication);
  open_to_readers(folder, path);
  if (!sync_tree(folder, path, stop)) return false;
  crash_point("unpack.synced");
  static_cast<void>(replace_by(path, publication.destination));
  crash_point("unpack.renamed");
  return true;
}

/// What was there before is removed only once its name is gone for good.
Result sync_name_and_clear(const Publication& publication, const job::FileStamp& stamp,
                           FolderSync& folders) noexcept {
  if (auto failure = folders.sync(publication.destination.parent_path()))
    return failed_and_kept(publication, std::move(*failure), folders);
  crash_point("unpack.named");
  remove_replaced(folder_of(publication));
  crash_point("unpack.swapped");
  remove_part(publication);
  return {Result::Kind::published, std::nullopt, false, stamp};
}

bool is_local(const Failure& failure) {
  return failure.kind == FailureKind::file || failure.retry_class == RetryClass::disk_space ||
         failure.retry_class == RetryClass::local_resource;
}

}  // namespace

job::SharedFd make_unpack_folder(const Publication& publication) {
  const auto path = folder_of(publication);
  library::remove_tree(path);
  crash_point("unpack.cleared");
  check_errno(::mkdir(path.c_str(), 0700), "cannot make the folder " + path.string());
  crash_point("unpack.made");
  return std::make_shared<UniqueFd>(open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
}

Result place_tree(const Publication& publication, const job::SharedFd& folder, FolderSync& folders,
                  const std::atomic<bool>& stop) noexcept {
  job::FileStamp stamp;
  try {
    crash_point("unpack.extracted");
    if (auto failure = refuse(folder_of(publication), folder->get(), stop))
      return unpacking_failed(publication, std::move(*failure), folders);
    crash_point("publish.checked");
    if (stop.load() || !sync_and_rename(publication, folder->get(), stop))
      return unpacking_stopped(publication, folders);
    stamp = job::stamp_of(folder->get());
  } catch (const std::exception& error) {
    return unpacking_failed(publication, job::failure_of(error), folders);
  }
  return sync_name_and_clear(publication, stamp, folders);
}

Result unpacking_failed(const Publication& publication, Failure failure, FolderSync& folders) noexcept {
  remove_replaced(folder_of(publication));
  crash_point("unpack.failed");
  if (is_local(failure)) return failed_and_kept(publication, std::move(failure), folders);
  return failed_and_removed(publication, std::move(failure));
}

Result unpacking_stopped(const Publication& publication, FolderSync& folders) noexcept {
  remove_replaced(folder_of(publication));
  crash_point("unpack.stopped");
  return stopped_and_kept(publication, folders);
}

}  // namespace concd::publish
