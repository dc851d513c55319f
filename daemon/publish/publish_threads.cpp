#include "publish/publish_threads.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "job/local_failure.hpp"
#include "publish/part.hpp"
#include "publish/publish_file.hpp"
#include "publish/publish_tree.hpp"
#include "publish/verify.hpp"

namespace concd::publish {

/// One publication on its way, shared by the main thread and whichever thread has it now.
struct PublishThreads::Course {
  Publication publication;
  Done done;  ///< main thread
  event::Mailbox& mailbox;
  FolderSync& folders;
  PublishThreads* owner;   ///< main thread; null when there is nobody left to tell
  bool unpacking = false;  ///< main thread: the unpacker has it
  std::atomic<bool> stop{false};
};

PublishThreads::~PublishThreads() {
  m_quit->store(true);
  for (const auto& [id, course] : m_courses) {
    course->stop.store(true);
    course->owner = nullptr;
    if (course->unpacking) m_unpacker.stop(id);
  }
}

void PublishThreads::start(Publication publication, Done done) {
  m_thread.check();
  const auto id = publication.id;
  const auto course =
      std::make_shared<Course>(std::move(publication), std::move(done), m_mailbox, m_folders, this);
  m_courses[id] = course;
  m_disk.submit([course] { fetch_ready(course); });
}

void PublishThreads::stop(job::Id id) {
  m_thread.check();
  const auto found = m_courses.find(id);
  if (found == m_courses.end()) return;
  found->second->stop.store(true);
  if (found->second->unpacking) m_unpacker.stop(id);
}

void PublishThreads::look_again(Doubt doubt, Seen seen) {
  m_thread.check();
  m_disk.submit([&mailbox = m_mailbox, quit = m_quit, doubt = std::move(doubt), seen = std::move(seen)] {
    mailbox.post([quit, seen, stamp = still_whole(doubt, *quit)] {
      if (!quit->load()) seen(stamp);
    });
  });
}

void PublishThreads::fetch_ready(const Shared& course) {
  const auto& publication = course->publication;
  if (const auto end = make_ready(publication, course->folders, course->stop)) return answer(course, *end);
  if (publication.unpack) return prepare_unpacking(course);
  const auto answered = [course](const Result& result) { answer(course, result); };
  if (publication.in_place) return place_copy(publication, course->folders, course->stop, answered);
  place_file(publication, course->folders, answered);
}

void PublishThreads::prepare_unpacking(const Shared& course) {
  try {
    course->mailbox.post([course, folder = make_unpack_folder(course->publication)] {
      if (course->owner != nullptr) course->owner->unpack(course, folder);
    });
  } catch (const std::exception& error) {
    answer(course, failed_and_kept(course->publication, job::failure_of(error), course->folders));
  }
}

void PublishThreads::answer(const Shared& course, const Result& result) {
  course->mailbox.post([course, result] {
    if (course->owner != nullptr) course->owner->finish(course, result);
  });
}

void PublishThreads::unpack(const Shared& course, const job::SharedFd& folder) {
  m_thread.check();
  if (course->stop.load()) return place(course, folder, std::nullopt);
  course->unpacking = true;
  const auto& publication = course->publication;
  m_unpacker.start(publication.id, publication.file, folder,
                   [course, folder](std::optional<job::Failure> failure) {
                     course->unpacking = false;
                     if (course->owner != nullptr) course->owner->place(course, folder, std::move(failure));
                   });
}

void PublishThreads::place(const Shared& course, const job::SharedFd& folder,
                           std::optional<job::Failure> failure) {
  m_disk.submit([course, folder, failure = std::move(failure)] {
    const auto& publication = course->publication;
    if (course->stop.load()) return answer(course, unpacking_stopped(publication, course->folders));
    if (failure) return answer(course, unpacking_failed(publication, *failure, course->folders));
    answer(course, place_tree(publication, folder, course->folders, course->stop));
  });
}

void PublishThreads::finish(const Shared& course, const Result& result) {
  m_thread.check();
  m_courses.erase(course->publication.id);
  // The last use of the course: `done` may start the same transfer again.
  const auto done = std::move(course->done);
  done(result);
}

}  // namespace concd::publish
