#include <array>

#include "store/tables.hpp"

namespace concd::store {
namespace {

using job::Job;
using job::Peer;
using enum Written;

/// NULL for none: many jobs may have none, but only one of a user a certain one.
constexpr Column<Job> k_token{"token", once,
                              [](sqlite::Statement& statement, int parameter, const Job& job) {
                                if (job.token.empty())
                                  statement.bind_null(parameter);
                                else
                                  put(statement, parameter, job.token);
                              },
                              [](const sqlite::Statement& statement, int number, Job& job) {
                                return get(statement, number, job.token);
                              }};

constexpr std::array k_columns{
    column<&Job::id>("id", once),
    // Queries::update_job() writes it by itself when it changes.
    column<&Job::transfer>("transfer", once),
    column<&Job::peer, &Peer::uid>("uid", once),
    column<&Job::peer, &Peer::gid>("gid", once),
    column<&Job::peer, &Peer::pid>("pid", once),
    column<&Job::standing>("standing", often),
    column<&Job::priority>("priority", often),
    column<&Job::force>("force", once),
    column<&Job::released>("released", often),
    column<&Job::direct>("direct", often),
    k_token,
    column<&Job::output>("output", once),
    column<&Job::created>("created", once),
    column<&Job::finished>("finished", often),
};

}  // namespace

constinit const Table<Job> k_job_table{"job", k_columns};

}  // namespace concd::store
