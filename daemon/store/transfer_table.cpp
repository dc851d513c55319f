#include <array>

#include "store/tables.hpp"

namespace concd::store {
namespace {

using job::CallersFile;
using job::Checkpoint;
using job::Failure;
using job::History;
using job::Running;
using job::Spec;
using job::Transfer;
using job::Validators;
using job::WaitCause;
using job::Waiting;
using enum Written;

/// The failure of a transfer that has one.
struct FailureOf {
  auto* operator()(auto& transfer) const { return transfer.failure ? &*transfer.failure : nullptr; }
};

/// The phase of a transfer that is in this one.
template <typename P>
struct PhaseOf {
  auto* operator()(auto& transfer) const { return std::get_if<P>(&transfer.phase); }
};

/// What a transfer that waits waits for.
struct CauseOf {
  auto* operator()(auto& transfer) const {
    auto* const wait = std::get_if<Waiting>(&transfer.phase);
    return wait == nullptr ? nullptr : &*wait->cause;
  }
};

template <auto... Path>
constexpr auto failure_column(std::string_view name) {
  return column_of<Transfer, FailureOf, Path...>(name, often);
}

template <auto... Path>
constexpr auto waiting_column(std::string_view name) {
  return column_of<Transfer, PhaseOf<Waiting>, Path...>(name, often);
}

template <auto... Path>
constexpr auto cause_column(std::string_view name) {
  return column_of<Transfer, CauseOf, Path...>(name, often);
}

/// Reading it makes the failure that the other columns of it are read into.
constexpr Column<Transfer> k_failure_kind{
    "failure_kind", often, failure_column<&Failure::kind>("").put,
    [](const sqlite::Statement& statement, int number, Transfer& transfer) {
      return statement.is_null(number) || get(statement, number, transfer.failure.emplace().kind);
    }};

/// Reading it makes the phase that the other columns of it are read into.
constexpr Column<Transfer> k_phase{"phase", often,
                                   [](sqlite::Statement& statement, int parameter, const Transfer& transfer) {
                                     statement.bind(parameter, job::to_string(transfer.phase));
                                   },
                                   [](const sqlite::Statement& statement, int number, Transfer& transfer) {
                                     const auto phase = job::phase_from_string(statement.text(number));
                                     if (phase) transfer.phase = *phase;
                                     return phase.has_value();
                                   }};

/// It comes after the URLs, to one of which it points.
constexpr Column<Transfer> k_mirror{"mirror", often, column<&Transfer::mirror>("", often).put,
                                    [](const sqlite::Statement& statement, int number, Transfer& transfer) {
                                      return get(statement, number, transfer.mirror) &&
                                             transfer.mirror < transfer.spec.urls.size();
                                    }};

constexpr std::array k_columns{
    column<&Transfer::id>("id", once),
    column<&Transfer::spec, &Spec::name>("name", once),
    column<&Transfer::spec, &Spec::urls>("urls", once),
    column<&Transfer::spec, &Spec::digest>("digest", once),
    column<&Transfer::spec, &Spec::size>("expected_size", once),
    column<&Transfer::spec, &Spec::executor>("requested_executor", once),
    column<&Transfer::spec, &Spec::unpack>("unpack", once),
    k_mirror,
    column<&Transfer::into, &CallersFile::job>("into_job", often),
    column<&Transfer::into, &CallersFile::uid>("into_uid", often),
    column<&Transfer::into, &CallersFile::inode>("into_inode", often),
    column<&Transfer::checkpoint, &Checkpoint::part>("checkpoint_part", checkpoint),
    column<&Transfer::checkpoint, &Checkpoint::url>("checkpoint_url", checkpoint),
    column<&Transfer::checkpoint, &Checkpoint::extents>("checkpoint_extents", checkpoint),
    column<&Transfer::checkpoint, &Checkpoint::total>("checkpoint_total", checkpoint),
    column<&Transfer::checkpoint, &Checkpoint::validators, &Validators::etag>("checkpoint_etag", checkpoint),
    column<&Transfer::checkpoint, &Checkpoint::validators, &Validators::last_modified>(
        "checkpoint_last_modified", checkpoint),
    column<&Transfer::history, &History::started>("started", often),
    column<&Transfer::history, &History::attempts>("attempts", often),
    column<&Transfer::history, &History::tries>("tries", often),
    column<&Transfer::history, &History::waits>("waits", often),
    column<&Transfer::history, &History::furthest>("furthest", often),
    column<&Transfer::history, &History::stalled>("stalled", often),
    column<&Transfer::history, &History::tried_for>("tried_for", often),
    column<&Transfer::history, &History::contacted>("contacted", often),
    column<&Transfer::history, &History::met_public>("met_public", often),
    k_failure_kind,
    failure_column<&Failure::retry_class>("failure_retry_class"),
    failure_column<&Failure::message>("failure_message"),
    failure_column<&Failure::code>("failure_code"),
    failure_column<&Failure::retry_after>("failure_retry_after"),
    k_phase,
    column_of<Transfer, PhaseOf<Running>, &Running::executor>("running_executor", often),
    cause_column<&WaitCause::kind>("wait_kind"),
    cause_column<&WaitCause::limit>("wait_limit"),
    cause_column<&WaitCause::running>("wait_running"),
    cause_column<&WaitCause::host>("wait_host"),
    cause_column<&WaitCause::needed>("wait_needed"),
    cause_column<&WaitCause::free>("wait_free"),
    cause_column<&WaitCause::message>("wait_message"),
    waiting_column<&Waiting::until>("wait_until"),
    column<&Transfer::size>("size", often),
    column<&Transfer::mtime>("mtime", often),
};

}  // namespace

constinit const Table<Transfer> k_transfer_table{"transfer", k_columns};

}  // namespace concd::store
