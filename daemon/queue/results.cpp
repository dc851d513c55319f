// The dispatcher as control::Backend: what becomes of the files of jobs that are done.

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>

#include "queue/dispatcher.hpp"
#include "queue/refuse.hpp"
#include "store/queries.hpp"
#include "util/crash_point.hpp"
#include "util/errno_error.hpp"
#include "util/file.hpp"
#include "util/url.hpp"

namespace concd::queue {

using control::Reply;
using job::Job;
using job::State;

void Dispatcher::release(job::Id id, const job::Peer& peer, Reply<Job> reply) {
  with_owned(id, peer, "Release", reply, [this, reply](Job job) {
    if (job.state != State::done) return reply(refuse(control::WrongState{job.id, job.state, "Release"}));
    if (!job.spec.name.empty() || job.released) return reply(std::move(job));
    job.released = true;
    job.path.clear();
    auto holders = std::make_shared<std::size_t>(0);
    m_store.post(
        [job, holders](store::Queries& queries) {
          queries.update_job(job);
          *holders = queries.holders_of_transfer(job.transfer);
        },
        [this, job, holders, reply](const std::exception_ptr& error) {
          if (error) return reply(refuse(store_failed(error)));
          crash_point("release.stored");
          if (*holders == 0) m_folder.remove_result(job.transfer);
          crash_point("release.removed");
          reply(job);
        });
  });
}

void Dispatcher::open_result(job::Id id, const job::Peer& peer,
                             Reply<std::shared_ptr<control::Result>> reply) {
  get(id, [peer, reply](control::Answer<Job> answer) {
    if (!answer) return reply(tl::unexpected(std::move(answer.error())));
    const auto& job = *answer;
    // The library is for all to read; what came from a URL is its caller's alone.
    if (job.spec.name.empty() && !may_change(peer, job)) return reply(refuse(not_yours(job)));
    if (job.state != State::done)
      return reply(
          refuse(control::NoResult{job.id, fmt::format("the job is {}", job::to_string(job.state))}));
    if (job.released)
      return reply(refuse(control::NoResult{job.id, "its file has been handed over already"}));
    if (job.spec.unpack)
      return reply(refuse(control::NoResult{job.id, "it was unpacked into the folder " + job.path}));
    auto result = std::make_shared<control::Result>();
    struct stat status{};
    try {
      result->fd = open_file(job.path, O_RDONLY | O_NOFOLLOW);
      check_errno(::fstat(result->fd.get(), &status), job.path);
    } catch (const std::system_error& error) {
      return reply(refuse(control::NoResult{job.id, error.what()}));
    }
    result->name = job.spec.name.empty() ? url_file_name(job.spec.source) : job.spec.name;
    result->size = static_cast<std::uint64_t>(status.st_size);
    result->mtime = job.mtime;
    reply(std::move(result));
  });
}

}  // namespace concd::queue
