#include "client/commands/calls.hpp"
#include "client/delivery/new_file.hpp"
#include "client/delivery/records.hpp"

namespace concd::client {
namespace {

/// What has come of the job's file goes: its hidden file, if this user has one and nobody waits for it.
void remove_own_file(const Records& records, const job::View& job) {
  const auto place = job.direct ? records.find(job) : std::nullopt;
  // Its destructor removes it.
  if (place) (void)NewFile::find(place->hidden);
}

}  // namespace

int cancel(const Context& context) {
  const Records records(records_folder());
  return change_each_job(context, "Cancel",
                         [&records](const job::View& job) { remove_own_file(records, job); });
}

}  // namespace concd::client
