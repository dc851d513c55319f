#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <spdlog/common.h>

#include "job/job.hpp"
#include "job/transfer.hpp"
#include "queue/record.hpp"
#include "util/clock.hpp"
#include "util/log.hpp"

/// The journal entries of jobs. Each has the fields CONCD_EVENT, CONCD_JOB_ID, CONCD_TRANSFER_ID, CONCD_NAME,
/// CONCD_URL, CONCD_EXECUTOR, CONCD_UID and, after a failure, CONCD_ERROR; secrets are left out.
namespace concd::queue::journal {

/// An event that a person brought about: accepted, cancelled, paused, resumed, priority. `what` goes on "job
/// 17: TITLE ". Besides, it has who asked, as CONCD_CALLER_UID, CONCD_CALLER_PID, CONCD_CALLER_UNIT and
/// CONCD_CALLER_SESSION, as far as that is known.
void changed(std::string_view message_id, std::string_view event, const job::Peer& caller,
             const job::Job& job, const job::Transfer& transfer, const std::string& what);
void started(const job::Job& job, const Record& record);
void restarted(const job::Job& job, const job::Transfer& transfer);
void file_lost(const job::Job& job, const job::Transfer& transfer);
/// An attempt goes on, or went on, without one of the mirrors; `url` is that one's.
void mirror_dropped(const job::Job& job, const job::Transfer& transfer, const std::string& url,
                    const std::string& reason);
/// The last failure was this mirror's alone; the next one is tried.
void next_mirror(const job::Job& job, const job::Transfer& transfer);
/// A wait begins or ends, with its cause as CONCD_WAIT, CONCD_WAIT_LIMIT, CONCD_WAIT_HOST,
/// CONCD_BYTES_NEEDED, CONCD_BYTES_FREE and CONCD_WAIT_UNTIL_USEC. `now` is CLOCK_REALTIME.
void waits(const job::Job& job, const job::Transfer& transfer, const job::Waiting& wait, Microseconds now);
void waits_no_more(const job::Job& job, const job::Transfer& transfer, const job::Waiting& wait);
/// A cause that holds back whole groups of transfers begins or ends: a limit, a host that is backed off from.
/// Of no job: besides CONCD_EVENT it has the fields of the cause only.
void held_back(const job::WaitCause& cause);
void held_back_no_more(const job::WaitCause& cause);
/// Of the last attempt: `bytes` that are here, and how long it took; 0 when there was none.
void done(const job::Job& job, const job::Transfer& transfer, Microseconds duration);
void failed(const job::Job& job, const job::Transfer& transfer, std::uint64_t bytes, Microseconds duration);

/// How a person knows the transfer: its NAME, or its URL without secrets.
[[nodiscard]] std::string title(const job::Transfer& transfer);

}  // namespace concd::queue::journal
