#include "job/executor_kind.hpp"

namespace concd::job {

std::string_view to_string(ExecutorKind kind) {
  switch (kind) {
    case ExecutorKind::thread:
      return "thread";
    case ExecutorKind::process:
      return "process";
    case ExecutorKind::automatic:
      break;
  }
  return "auto";
}

std::optional<ExecutorKind> executor_kind_from_string(std::string_view text) {
  for (const auto kind : {ExecutorKind::automatic, ExecutorKind::thread, ExecutorKind::process})
    if (to_string(kind) == text) return kind;
  return std::nullopt;
}

}  // namespace concd::job
