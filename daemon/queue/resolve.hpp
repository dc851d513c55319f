#pragma once

#include "catalog/catalog.hpp"
#include "control/backend.hpp"
#include "engine/settings.hpp"
#include "job/spec.hpp"

namespace concd::queue {

/// What a request comes to.
struct Resolved {
  job::Spec spec;
  std::optional<Microseconds> fresh_for;  ///< a published NAME younger than this is done at once
};

/// Turns a request into what is to be fetched: looks a NAME up in the catalog, checks a URL. Pure.
[[nodiscard]] control::Answer<Resolved> resolve(const job::Request& request, const catalog::Catalog& catalog,
                                                const engine::Settings& settings);

}  // namespace concd::queue
