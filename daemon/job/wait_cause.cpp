#include "job/wait_cause.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace concd::job {
namespace {

using enum WaitKind;

constexpr std::array k_names{
    std::pair{slot, std::string_view("slot")},
    std::pair{host_slot, std::string_view("host_slot")},
    std::pair{user_slot, std::string_view("user_slot")},
    std::pair{host_backoff, std::string_view("host_backoff")},
    std::pair{offline, std::string_view("offline")},
    std::pair{disk_space, std::string_view("disk_space")},
    std::pair{local_resource, std::string_view("local_resource")},
    std::pair{retry, std::string_view("retry")},
    std::pair{callers_file, std::string_view("callers_file")},
};

}  // namespace

std::string_view to_string(WaitKind kind) {
  return std::ranges::find(k_names, kind, &std::pair<WaitKind, std::string_view>::first)->second;
}

std::optional<WaitKind> wait_kind_from_string(std::string_view text) {
  const auto found = std::ranges::find(k_names, text, &std::pair<WaitKind, std::string_view>::second);
  return found == k_names.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace concd::job
