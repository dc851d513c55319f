#include "worker/messages.hpp"

#include "util/overloaded.hpp"
#include "worker/descriptors.hpp"
#include "worker/values.hpp"

namespace concd::worker {
namespace {

Json write(const Command& command) {
  return std::visit(Overloaded{
                        [](const Begin& begin) {
                          return Json{{"task", to_json(begin.task)},
                                      {"settings", to_json_text(begin.settings)},
                                      {"sandbox", to_string(begin.sandbox)}};
                        },
                        [](const Unpack& unpack) { return Json{{"unpack", to_json(unpack)}}; },
                        [](const Stop&) { return Json{{"stop", Json::object()}}; },
                    },
                    command);
}

Json write(const Report& report) {
  return std::visit(
      Overloaded{
          [](const Started&) { return Json{{"started", Json::object()}}; },
          [](const Alive&) { return Json{{"alive", Json::object()}}; },
          [](const job::Progress& progress) { return Json{{"progress", to_json(progress)}}; },
          [](const job::Checkpoint& checkpoint) { return Json{{"checkpoint", to_json(checkpoint)}}; },
          [](const job::Outcome& outcome) { return Json{{"outcome", to_json(outcome)}}; },
          [](const Unpacked& unpacked) { return Json{{"unpacked", to_json(unpacked)}}; },
      },
      report);
}

Command read_command(const Fields& message, ReceivedDescriptors& descriptors) {
  if (message.has("task"))
    return Begin{task_from(message.object("task"), descriptors), message.text("settings"),
                 sandbox_policy_from(message)};
  if (message.has("unpack")) return unpack_from(message.object("unpack"), descriptors);
  if (message.has("stop")) return Stop{};
  throw std::invalid_argument("it is none of task, unpack and stop");
}

Report read_report(const Fields& message) {
  if (message.has("started")) return Started{};
  if (message.has("alive")) return Alive{};
  if (message.has("progress")) return progress_from(message.object("progress"));
  if (message.has("checkpoint")) return checkpoint_from(message.object("checkpoint"));
  if (message.has("outcome")) return outcome_from(message.object("outcome"));
  if (message.has("unpacked")) return unpacked_from(message.object("unpacked"));
  throw std::invalid_argument("it is none of started, alive, progress, checkpoint, outcome and unpacked");
}

template <typename Read>
auto decode(std::string_view text, Read read)
    -> tl::expected<decltype(read(std::declval<Fields>())), std::string> {
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return tl::unexpected<std::string>("it is not JSON");
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

std::vector<int> descriptors_of(const Command& command) {
  std::vector<int> descriptors;
  const auto add = [&descriptors](const job::SharedFd& fd) {
    if (fd) descriptors.push_back(fd->get());
  };
  if (const auto* begin = std::get_if<Begin>(&command)) {
    add(begin->task.kept);
    add(begin->task.fresh);
  } else if (const auto* unpack = std::get_if<Unpack>(&command)) {
    add(unpack->archive);
    add(unpack->folder);
  }
  return descriptors;
}

tl::expected<Command, std::string> decode_command(std::string_view text, std::vector<UniqueFd> descriptors) {
  ReceivedDescriptors received(std::move(descriptors));
  return decode(text, [&received](const Fields& message) {
    auto command = read_command(message, received);
    received.expect_none_left();
    return command;
  });
}

tl::expected<Report, std::string> decode_report(std::string_view text) {
  return decode(text, read_report);
}

}  // namespace concd::worker
