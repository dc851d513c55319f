#include "samples.hpp"

#include "protocol/codec.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr Microseconds k_day = seconds(1'700'000'000);

job::View queued() {
  job::View job;
  job.id = job.transfer = 7;
  job.source = "Archivo1.txt";
  job.name = "Archivo1.txt";
  job.url = "sim:Archivo1.txt";
  job.uid = 1000;
  job.created = k_day;
  return job;
}

job::View failed() {
  auto job = queued();
  job.id = 9;
  job.transfer = 8;
  job.name.clear();
  job.source = "https://me:hunter2@example.org/big.iso?token=s3cret#part";
  job.url = job.source;
  job.digest = job::Digest{"md5", "0123456789abcdef0123456789abcdef"};
  job.output = "/home/ana/Año \"nuevo\".iso";
  job.state = job::State::failed;
  job.executor = job::ExecutorKind::thread;
  job.started = k_day + seconds(1);
  job.finished = k_day + seconds(2);
  job.attempts = 3;
  job.progress = {1024, 4096, 512};
  job.failure = job::Failure{
      job::FailureKind::server, job::RetryClass::none, "the server answered 404 Not Found", 404, {}};
  return job;
}

/// Each kind with the figures that belong to it.
job::Waiting wait_of(job::WaitKind kind) {
  using enum job::WaitKind;
  switch (kind) {
    case slot:
      return {job::WaitCause{kind, "queue.active", 8, {}, 0, 0, {}}, {}};
    case host_slot:
      return {job::WaitCause{kind, "queue.active_per_host", 4, "example.org:443", 0, 0, {}}, {}};
    case user_slot:
      return {job::WaitCause{kind, "queue.active_per_user", 6, {}, 0, 0, {}}, {}};
    case host_backoff:
      return {job::WaitCause{kind, {}, 0, "example.org:443", 0, 0, {}}, k_day + seconds(30)};
    case disk_space:
      return {job::WaitCause{kind, {}, 0, {}, 1 << 20, 0, "the disk is full"}, {}};
    case callers_file:
      return {job::WaitCause{kind, {}, 0, {}, 0, 0, {}}, k_day + seconds(15)};
    case offline:
    case local_resource:
    case retry:
      break;
  }
  return {job::WaitCause{kind, {}, 0, {}, 0, 0, "no route to example.org"}, k_day + seconds(60)};
}

job::View held_up(job::WaitKind kind) {
  using enum job::WaitKind;
  auto job = queued();
  const bool is_queued = kind == slot || kind == host_slot || kind == user_slot;
  job.state = is_queued ? job::State::queued : job::State::waiting;
  job.priority = job::Priority::high;
  job.executor = job::ExecutorKind::process;
  job.wait = wait_of(kind);
  return job;
}

job::View waiting() {
  auto job = held_up(job::WaitKind::offline);
  job.failure = job::Failure{job::FailureKind::network, job::RetryClass::offline, "no route", 0, {}};
  return job;
}

job::View publishing() {
  auto job = queued();
  job.state = job::State::publishing;
  return job;
}

job::View done() {
  auto job = queued();
  job.state = job::State::done;
  job.executor = job::ExecutorKind::thread;
  job.finished = k_day + seconds(2);
  job.mtime = Microseconds(1);
  job.path = "/var/lib/concd/library/Archivo1.txt";
  job.released = true;
  return job;
}

/// Takes a value through `decode` and `encode`.
template <typename Decode, typename Encode>
std::function<json(const json&)> through(Decode decode, Encode encode) {
  return [=](const json& parameters) -> json { return encode(decode(parameters).value()); };
}

Sample call(const std::string& verb, json parameters, const std::function<json(const json&)>& again,
            bool more = false) {
  const MethodCall message{"io.concd." + verb, std::move(parameters), more, false, false};
  return {"call_" + verb, serialise(message), [again](std::string_view text) {
            auto read = parse_call(text).value();
            read.parameters = again(read.parameters);
            return serialise(read);
          }};
}

Sample reply(const std::string& name, json parameters, const std::function<json(const json&)>& again,
             bool continues = false) {
  return {"reply_" + name, serialise(MethodReply{std::move(parameters), continues, {}}),
          [again](std::string_view text) {
            auto read = parse_reply(text).value();
            read.parameters = again(read.parameters);
            return serialise(read);
          }};
}

std::string write(const WireError& error) {
  return serialise(MethodReply{error.parameters, false, error.name});
}

WireError read_error(std::string_view text) {
  const auto reply = parse_reply(text).value();
  return {reply.error, reply.parameters};
}

Sample refusal(const std::string& name, const Refusal& refusal) {
  return {"error_" + name, write(error_of(refusal)),
          [](std::string_view text) { return write(error_of(refusal_of(read_error(text)).value())); }};
}

Sample standard_error(const WireError& error) {
  return {"error_" + error.name, write(error), [](std::string_view text) { return write(read_error(text)); }};
}

Sample named(std::string name, Sample sample) {
  sample.name = std::move(name);
  return sample;
}

void add_calls(std::vector<Sample>& all) {
  const auto request = through(decode_request, encode_request);
  const auto id = through(decode_id, encode_id);
  const auto list = through(decode_list_query, encode_list_query);
  const auto nothing = [](const json& parameters) {
    return decode_nothing(parameters) ? json::object() : json("invalid");
  };
  job::Request small;
  small.source = "Archivo1.txt";
  all.push_back(call("Download", encode_request(small), request));
  all.push_back(named("call_Download_with_all", call("Download",
                                                     encode_request({"https://example.org/a?b=c",
                                                                     {"https://mirror.example/a"},
                                                                     job::ExecutorKind::process,
                                                                     failed().digest,
                                                                     "/tmp/a",
                                                                     0,
                                                                     "k-1",
                                                                     job::Priority::low,
                                                                     true}),
                                                     request, true)));
  all.push_back(call("Wait", encode_ids({7, 9}), through(decode_ids, encode_ids), true));
  all.push_back(call("List", encode_list_query({}), list));
  all.push_back(named("call_List_with_all", call("List", encode_list_query({true, 10, 100}), list)));
  all.push_back(call("Attach", encode_attachment({7, 0}), through(decode_attachment, encode_attachment)));
  for (const auto* verb : {"Get", "Cancel", "Pause", "Resume", "Retry", "OpenResult", "Release"})
    all.push_back(call(verb, encode_id(7), id));
  all.push_back(call("Priority", encode_priority_request({7, job::Priority::foreground}),
                     through(decode_priority_request, encode_priority_request)));
  all.push_back(call("Status", json::object(), nothing));
  const auto after = through(decode_catalog_query, encode_catalog_query);
  all.push_back(call("Catalog", encode_catalog_query(""), after));
  all.push_back(named("call_Catalog_after", call("Catalog", encode_catalog_query("Archivo1.txt"), after)));
  all.push_back(call("Monitor", json::object(), nothing, true));
}

void add_replies(std::vector<Sample>& all) {
  const auto job = through(decode_job_reply, encode_job_reply);
  const auto jobs = through(decode_jobs, encode_jobs);
  const auto event = [](const json& parameters) { return encode_event(*decode_event(parameters).value()); };
  const auto catalog = through(decode_catalog, encode_catalog);
  all.push_back(reply("Download", encode_download_reply(queued()),
                      through(decode_job_reply, encode_download_reply), true));
  all.push_back(reply("Get_failed", encode_job_reply(failed()), job));
  all.push_back(reply("Get_waiting", encode_job_reply(waiting()), job));
  using enum job::WaitKind;
  for (const auto kind :
       {slot, host_slot, user_slot, host_backoff, offline, disk_space, local_resource, retry})
    all.push_back(
        reply("Get_held_up_by_" + std::string(to_string(kind)), encode_job_reply(held_up(kind)), job));
  all.push_back(reply("Wait", encode_jobs({done(), failed()}), jobs));
  all.push_back(reply("List_of_none", encode_jobs({}), jobs));
  all.push_back(reply("Monitor", encode_event({job::JobEventKind::done, done()}), event, true));
  all.push_back(reply("Monitor_of_publishing", encode_event({job::JobEventKind::publishing, publishing()}),
                      event, true));
  all.push_back(reply("Status",
                      encode_status({seconds(61), 1, 2, 3, 4, 5, 6, 7, 1ULL << 40, "0.1.0", 4711, {6, true}}),
                      through(decode_status, encode_status)));
  all.push_back(reply("Catalog",
                      encode_catalog({{"a", "", {"sim:a"}, {}, {}, job::ExecutorKind::automatic, false, ""},
                                      {"b",
                                       "An archive",
                                       {"https://one.example/b", "https://two.example/b"},
                                       failed().digest,
                                       4096,
                                       job::ExecutorKind::process,
                                       true,
                                       "/var/lib/concd/library/b"}}),
                      catalog));
  all.push_back(
      reply("OpenResult", encode_result({0, "big.iso", 4096, k_day}), through(decode_result, encode_result)));
}

void add_errors(std::vector<Sample>& all) {
  all.push_back(refusal("UnknownName", UnknownName{"Archivo1.tx", "Archivo1.txt"}));
  all.push_back(refusal("UnknownName_like_none", UnknownName{"x\n\x1b[1m", std::nullopt}));
  all.push_back(refusal("InvalidSource", InvalidSource{"gopher://h/", "the scheme gopher is not allowed"}));
  all.push_back(refusal("InvalidFile", InvalidFile{"it is a folder"}));
  all.push_back(refusal("NoSuchJob", NoSuchJob{999}));
  all.push_back(refusal("NotPermitted", NotPermitted{"job 7 is of another user"}));
  all.push_back(refusal("QueueFull", QueueFull{10000}));
  all.push_back(refusal("LimitReached", LimitReached{"limits.connections_per_user", 256}));
  all.push_back(refusal("WrongState", WrongState{7, job::State::done, "Pause"}));
  all.push_back(refusal("NoResult", NoResult{7, "it has failed"}));
  all.push_back(refusal("ShuttingDown", ShuttingDown{}));
  all.push_back(refusal("StoreFailed", StoreFailed{"No space left on device"}));
  for (const auto& error : {interface_not_found("org.nowhere"), method_not_found("io.concd.Fly"),
                            method_not_implemented("io.concd.Get"), invalid_parameter("id"),
                            permission_denied(), expected_more()})
    all.push_back(standard_error(error));
}

}  // namespace

std::vector<Sample> samples() {
  std::vector<Sample> all;
  add_calls(all);
  add_replies(all);
  add_errors(all);
  return all;
}

}  // namespace concd::protocol
