#include <algorithm>
#include <map>
#include <set>

#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

/// One Wait until it is answered; its watchers and what the backend still owes it keep it alive.
class WaitCall : public std::enable_shared_from_this<WaitCall> {
 public:
  WaitCall(CallPtr call, std::vector<job::Id> ids) : m_call(std::move(call)), m_ids(std::move(ids)) {
    m_unfinished.insert(m_ids.begin(), m_ids.end());
    m_unknown = m_unfinished;
  }

  void begin(Backend& backend) {
    // Watching comes first, so that no change falls between the look and the watch.
    const auto asked = m_unknown;
    for (const auto id : asked)
      m_call->watch_job(
          id, [self = shared_from_this()](const protocol::JobEvent& event) { self->changed(event); });
    for (const auto id : asked)
      backend.get(
          id, [self = shared_from_this(), id](const Answer<job::View>& answer) { self->found(id, answer); });
    if (asked.empty()) m_call->reply(protocol::encode_jobs({}));
  }

 private:
  void found(job::Id id, const Answer<job::View>& answer) {
    if (!answer) return m_call->error(protocol::error_of(answer.error()));
    // What was told of the job meanwhile is newer than the answer.
    if (!m_jobs.contains(id)) note(*answer);
    m_unknown.erase(id);
    if (m_unknown.empty()) all_known();
  }

  void changed(const protocol::JobEvent& event) {
    note(event.job);
    if (!m_unknown.empty()) return;
    if (m_unfinished.empty()) return finish();
    m_call->reply_continues(protocol::encode_jobs({event.job}), delivery_of(event));
  }

  void note(const job::View& job) {
    m_jobs.insert_or_assign(job.id, job);
    if (job::is_final(job.state))
      m_unfinished.erase(job.id);
    else
      m_unfinished.insert(job.id);
  }

  void all_known() {
    if (m_unfinished.empty()) return finish();
    if (m_call->more()) reply_all([this](nlohmann::json jobs) { m_call->reply_continues(std::move(jobs)); });
  }

  void finish() {
    reply_all([this](nlohmann::json jobs) { m_call->reply(std::move(jobs)); });
  }

  template <typename Send>
  void reply_all(Send send) {
    std::vector<job::View> jobs;
    std::ranges::transform(m_ids, std::back_inserter(jobs), [this](job::Id id) { return m_jobs.at(id); });
    auto encoded = protocol::encode_jobs(jobs);
    if (protocol::serialise(encoded).size() > k_max_elements)
      return m_call->error(protocol::invalid_parameter("ids"));
    send(std::move(encoded));
  }

  CallPtr m_call;
  std::vector<job::Id> m_ids;  ///< as asked for
  std::map<job::Id, job::View> m_jobs;
  std::set<job::Id> m_unknown;  ///< not looked up yet
  std::set<job::Id> m_unfinished;
};

}  // namespace

void wait(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_ids(call->parameters()),
       [&](const std::vector<job::Id>& ids) { std::make_shared<WaitCall>(call, ids)->begin(backend); });
}

}  // namespace concd::control::handlers
