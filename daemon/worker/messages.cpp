#include "worker/messages.hpp"

#include "worker/values.hpp"

namespace concd::worker {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

Json write(const Command& command) {
  return std::visit(Overloaded{
                        [](const Begin& begin) {
                          return Json{{"task", to_json(begin.task)},
                                      {"settings", to_json_text(begin.settings)}};
                        },
                        [](const Stop&) { return Json{{"stop", Json::object()}}; },
                    },
                    command);
}

Json write(const Report& report) {
  return std::visit(
      Overloaded{
          [](const Started&) { return Json{{"started", Json::object()}}; },
          [](const job::Progress& progress) { return Json{{"progress", to_json(progress)}}; },
          [](const job::Checkpoint& checkpoint) { return Json{{"checkpoint", to_json(checkpoint)}}; },
          [](const job::Outcome& outcome) { return Json{{"outcome", to_json(outcome)}}; },
      },
      report);
}

Command read_command(const Fields& message) {
  if (message.has("task")) return Begin{task_from(message.object("task")), message.text("settings")};
  if (message.has("stop")) return Stop{};
  throw std::invalid_argument("it is none of task and stop");
}

Report read_report(const Fields& message) {
  if (message.has("started")) return Started{};
  if (message.has("progress")) return progress_from(message.object("progress"));
  if (message.has("checkpoint")) return checkpoint_from(message.object("checkpoint"));
  if (message.has("outcome")) return outcome_from(message.object("outcome"));
  throw std::invalid_argument("it is none of started, progress, checkpoint and outcome");
}

template <typename Read>
auto decode(std::string_view text, Read read)
    -> tl::expected<decltype(read(std::declval<Fields>())), std::string> {
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return tl::unexpected<std::string>("it is no JSON");
  try {
    return read(Fields(json, "message"));
  } catch (const std::invalid_argument& error) {
    return tl::unexpected<std::string>(error.what());
  }
}

}  // namespace

std::string encode(const Command& command) {
  return write(command).dump();
}

std::string encode(const Report& report) {
  return write(report).dump();
}

tl::expected<Command, std::string> decode_command(std::string_view text) {
  return decode(text, read_command);
}

tl::expected<Report, std::string> decode_report(std::string_view text) {
  return decode(text, read_report);
}

}  // namespace concd::worker
