#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>

#include "queue/refuse.hpp"
#include "queue/service.hpp"
#include "util/errno_error.hpp"
#include "util/url.hpp"

namespace concd::queue {
namespace {

using control::Answer;
using control::NoResult;
using control::ResultFile;

/// Why there is no file to hand out; empty when there is one.
std::string objection(const job::View& view, bool unpacked) {
  if (view.state != job::State::done) return fmt::format("the job is {}", job::to_string(view.state));
  if (view.direct) return "it was fetched into its caller's own file";
  if (view.released) return "its file has been handed over already";
  if (unpacked) return "it was unpacked into the folder " + view.path;
  return "";
}

/// Also between the rename of a file and the moment when the artifact is known.
bool is_published(const Artifacts& artifacts, const Transfers& transfers, const std::string& name,
                  const job::FileStamp& stamp) {
  if (artifacts.is_published(name, stamp)) return true;
  return std::ranges::any_of(transfers.records(), [&](const auto& entry) {
    const auto& transfer = entry.second.transfer;
    return transfer.spec.name == name && job::is<job::Publishing>(transfer.phase);
  });
}

}  // namespace

Answer<std::shared_ptr<ResultFile>> Service::open(const job::View& view, const job::Spec& spec,
                                                  job::Id transfer) const {
  auto result = std::make_shared<ResultFile>();
  struct stat status{};
  try {
    result->fd = spec.name.empty() ? m.folder.open_result(transfer) : m.folder.open_library(spec.name);
    check_errno(::fstat(result->fd.get(), &status), view.path);
  } catch (const std::system_error& error) {
    return refuse(NoResult{view.id, error.what()});
  }
  if (!S_ISREG(status.st_mode)) return refuse(NoResult{view.id, view.path + " is not a regular file"});
  if (!spec.name.empty() && !is_published(m.artifacts, m.transfers, spec.name, job::stamp_of(status)))
    return refuse(NoResult{view.id, view.path + " was changed since it was published: download it again"});
  result->name = view.name.empty() ? url_file_name(view.source) : view.name;
  result->size = static_cast<std::uint64_t>(status.st_size);
  result->mtime = view.mtime;
  return result;
}

void Service::open_result(job::Id id, const job::Peer& peer,
                          control::Reply<std::shared_ptr<ResultFile>> reply) {
  find(id, [this, peer, reply = std::move(reply)](Answer<store::StoredJob> answer) {
    if (!answer) return reply(tl::unexpected(std::move(answer.error())));
    // The library is for all to read; what came from a URL is its caller's alone.
    if (answer->transfer.spec.name.empty() && !peer.may_manage(answer->job.peer.uid))
      return reply(refuse(not_yours(answer->job)));
    const auto view = view_of(*answer);
    if (auto why = objection(view, answer->transfer.spec.unpack); !why.empty())
      return reply(refuse(NoResult{view.id, std::move(why)}));
    reply(open(view, answer->transfer.spec, answer->transfer.id));
  });
}

}  // namespace concd::queue
