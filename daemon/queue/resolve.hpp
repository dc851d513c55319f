#pragma once

#include "catalog/catalog.hpp"
#include "config/config.hpp"
#include "control/backend.hpp"
#include "job/spec.hpp"

namespace concd::queue {

/// Turns a request into what the job is to do: looks a NAME up in the catalog, checks a URL. Pure.
[[nodiscard]] control::Answer<job::Spec> resolve(const job::Request& request, const catalog::Catalog& catalog,
                                                 const config::Config& config);

/// Who carries a spec out when it says `automatic`: a process where an archive is to be opened, else a
/// thread.
[[nodiscard]] job::ExecutorKind executor_of(const job::Spec& spec, job::ExecutorKind configured);

/// What makes two requests in flight one transfer: the same entry, or the same URL, digest and options.
[[nodiscard]] std::string transfer_key(const job::Spec& spec);

}  // namespace concd::queue
