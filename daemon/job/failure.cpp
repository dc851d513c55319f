#include "job/failure.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace concd::job {
namespace {

struct Kind {
  FailureKind kind;
  std::string_view name;
  int exit_code;
};

constexpr std::array k_kinds{
    Kind{FailureKind::other, "other", 1},
    Kind{FailureKind::file, "file", 3},
    Kind{FailureKind::network, "network", 4},
    Kind{FailureKind::tls, "tls", 5},
    Kind{FailureKind::authentication, "authentication", 6},
    Kind{FailureKind::server, "server", 8},
    Kind{FailureKind::verification, "verification", 10},
    Kind{FailureKind::cancelled, "cancelled", 12},
};

constexpr std::array k_remedies{
    std::pair{Remedy::none, std::string_view("none")},
    std::pair{Remedy::retry, std::string_view("retry")},
    std::pair{Remedy::host, std::string_view("host")},
    std::pair{Remedy::offline, std::string_view("offline")},
    std::pair{Remedy::space, std::string_view("space")},
    std::pair{Remedy::shortage, std::string_view("shortage")},
    std::pair{Remedy::mirror, std::string_view("mirror")},
};

}  // namespace

std::string_view to_string(FailureKind kind) {
  return std::ranges::find(k_kinds, kind, &Kind::kind)->name;
}

std::optional<FailureKind> failure_kind_from_string(std::string_view text) {
  const auto found = std::ranges::find(k_kinds, text, &Kind::name);
  return found == k_kinds.end() ? std::nullopt : std::optional(found->kind);
}

int exit_code(FailureKind kind) {
  return std::ranges::find(k_kinds, kind, &Kind::kind)->exit_code;
}

std::string_view to_string(Remedy remedy) {
  return std::ranges::find(k_remedies, remedy, &std::pair<Remedy, std::string_view>::first)->second;
}

std::optional<Remedy> remedy_from_string(std::string_view text) {
  const auto found = std::ranges::find(k_remedies, text, &std::pair<Remedy, std::string_view>::second);
  return found == k_remedies.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace concd::job
