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

constexpr std::array k_retry_classes{
    std::pair{RetryClass::none, std::string_view("none")},
    std::pair{RetryClass::retry, std::string_view("retry")},
    std::pair{RetryClass::host_backoff, std::string_view("host_backoff")},
    std::pair{RetryClass::offline, std::string_view("offline")},
    std::pair{RetryClass::disk_space, std::string_view("disk_space")},
    std::pair{RetryClass::local_resource, std::string_view("local_resource")},
    std::pair{RetryClass::mirror, std::string_view("mirror")},
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

std::string_view to_string(RetryClass retry_class) {
  return std::ranges::find(k_retry_classes, retry_class, &std::pair<RetryClass, std::string_view>::first)
      ->second;
}

std::optional<RetryClass> retry_class_from_string(std::string_view text) {
  const auto found =
      std::ranges::find(k_retry_classes, text, &std::pair<RetryClass, std::string_view>::second);
  return found == k_retry_classes.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace concd::job
