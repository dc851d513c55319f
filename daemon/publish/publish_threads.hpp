#pragma once

#include <atomic>
#include <memory>
#include <unordered_map>

#include "event/mailbox.hpp"
#include "publish/folder_sync.hpp"
#include "publish/publisher.hpp"
#include "util/thread_checker.hpp"
#include "util/thread_pool.hpp"

namespace concd::publish {

/// Publishes in the publish threads, for all executors. Lives on the main thread. What it is made with
/// outlives it, and the threads of `disk`; the mailbox and `folders` outlive `disk`.
///
/// Nobody else may write to a partial file or a folder that was unpacked to any more, nor hold it mapped,
/// once it is handed over here: a worker has been reaped before.
class PublishThreads final : public Publisher {
 public:
  PublishThreads(event::Mailbox& mailbox, ThreadPool& disk, FolderSync& folders, job::Unpacker& unpacker)
      : m_mailbox(mailbox), m_disk(disk), m_folders(folders), m_unpacker(unpacker) {}
  PublishThreads(const PublishThreads&) = delete;
  PublishThreads& operator=(const PublishThreads&) = delete;
  /// Stops what goes on; nobody is told of its end.
  ~PublishThreads() override;

  void start(Publication publication, Done done) override;
  void stop(job::Id id) override;
  void look_again(Doubt doubt, Seen seen) override;

 private:
  struct Course;
  using Shared = std::shared_ptr<Course>;

  // Publish threads:
  static void fetch_ready(const Shared& course);
  static void prepare_unpacking(const Shared& course);
  static void answer(const Shared& course, const Result& result);
  // Main thread:
  void unpack(const Shared& course, const job::SharedFd& folder);
  void place(const Shared& course, const job::SharedFd& folder, std::optional<job::Failure> failure);
  void finish(const Shared& course, const Result& result);

  event::Mailbox& m_mailbox;
  ThreadPool& m_disk;
  FolderSync& m_folders;
  job::Unpacker& m_unpacker;
  std::unordered_map<job::Id, Shared> m_courses;
  std::shared_ptr<std::atomic<bool>> m_quit = std::make_shared<std::atomic<bool>>(false);
  [[no_unique_address]] ThreadChecker m_thread;
};

}  // namespace concd::publish
