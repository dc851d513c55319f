#include <algorithm>
#include <map>

#include "control/handlers/answer.hpp"

namespace concd::control::handlers {
namespace {

/// Jobs that one Wait looks up at a time: those that have ended are looked up in the store, where others
/// wait, too.
constexpr std::size_t k_lookups = 8;
/// Bytes that an awaited job takes, besides its text.
constexpr std::size_t k_job_size = 256;

/// One Wait until it is answered; its watchers and what the backend still owes it keep it alive.
class WaitCall : public std::enable_shared_from_this<WaitCall> {
 public:
  WaitCall(Backend& backend, CallPtr call, std::vector<job::Id> ids)
      : m_backend(backend), m_call(std::move(call)), m_ids(std::move(ids)) {
    for (const auto id : m_ids) m_jobs.try_emplace(id);
    m_next = m_jobs.begin();
  }

  void begin() {
    // Watching comes first, so that no change falls between the look and the watch.
    for (const auto& [id, job] : m_jobs)
      m_call->watch_job(id, [self = shared_from_this()](const News& news) { self->changed(news); });
    if (m_jobs.empty()) return m_call->reply_text(list_of("jobs", {}));
    look_up();
  }

 private:
  struct Awaited {
    bool told = false;  ///< by a change
    bool ended = false;
    std::string text;  ///< JSON, of a job that is going to be replied
  };

  void look_up() {
    // An answer may come at once; the loop goes on then, and not one inside of it.
    if (std::exchange(m_is_looking, true)) return;
    while (m_asked < m_found + k_lookups && m_next != m_jobs.end() && !m_call->finished()) {
      ++m_asked;
      const auto id = (m_next++)->first;
      m_backend.get(id,
                    [self = shared_from_this(), id](const Answer<job::View>& job) { self->found(id, job); });
    }
    m_is_looking = false;
  }

  void found(job::Id id, const Answer<job::View>& answer) {
    if (!answer) return m_call->error(protocol::error_of(answer.error()));
    with_sight(m_call, *answer, [self = shared_from_this(), id, job = *answer] { self->known(id, job); });
  }

  void known(job::Id id, const job::View& job) {
    // What was told of the job meanwhile is newer than the answer.
    if (!m_jobs.at(id).told)
      note(job, protocol::serialise(protocol::encode_job(as_seen_by(m_call->peer(), job))));
    ++m_found;
    if (all_are_known()) return all_known();
    look_up();
  }

  void changed(const News& news) {
    m_jobs.at(news.job().id).told = true;
    note(news.job(), news.text_for(m_call->peer()));
    if (!all_are_known() || m_call->finished()) return;
    if (all_have_ended()) return finish();
    m_call->reply_continues(list_of("jobs", {news.text_for(m_call->peer())}), delivery_of(news));
  }

  void note(const job::View& view, std::string text) {
    auto& job = m_jobs.at(view.id);
    m_ended -= job.ended ? 1U : 0U;
    m_size -= job.text.size();
    job.ended = job::is_final(view.state);
    // What is still to change is replied once, when all are known.
    job.text = job.ended || (m_call->more() && !all_are_known()) ? std::move(text) : std::string();
    m_ended += job.ended ? 1U : 0U;
    m_size += job.text.size();
    if (m_size > k_max_elements) return m_call->error(protocol::invalid_parameter("ids"));
    m_call->hold(m_size + m_jobs.size() * k_job_size);
  }

  [[nodiscard]] bool all_are_known() const { return m_found == m_jobs.size(); }
  [[nodiscard]] bool all_have_ended() const { return m_ended == m_jobs.size(); }

  void all_known() {
    if (all_have_ended()) return finish();
    if (!m_call->more()) return;
    if (const auto all = reply_of_all()) m_call->reply_continues(*all);
    for (auto& [id, job] : m_jobs)
      if (!job.ended) m_size -= std::exchange(job.text, {}).size();
  }

  void finish() {
    if (const auto all = reply_of_all()) m_call->reply_text(*all);
  }

  /// Nothing: the call is refused, because the jobs do not fit into one message.
  std::optional<std::string> reply_of_all() {
    std::vector<std::string> texts;
    std::size_t size = 0;
    for (const auto id : m_ids) {
      const auto& text = m_jobs.at(id).text;
      size += text.size() + 1;
      if (size > k_max_elements) {
        m_call->error(protocol::invalid_parameter("ids"));
        return std::nullopt;
      }
      texts.push_back(text);
    }
    return list_of("jobs", texts);
  }

  Backend& m_backend;
  CallPtr m_call;
  std::vector<job::Id> m_ids;  ///< as asked for
  std::map<job::Id, Awaited> m_jobs;
  std::map<job::Id, Awaited>::iterator m_next;  ///< to be looked up
  std::size_t m_asked = 0, m_found = 0, m_ended = 0;
  std::size_t m_size = 0;  ///< bytes of the texts
  bool m_is_looking = false;
};

}  // namespace

void wait(Backend& backend, const CallPtr& call) {
  with(call, protocol::decode_ids(call->parameters()),
       [&](const std::vector<job::Id>& ids) { std::make_shared<WaitCall>(backend, call, ids)->begin(); });
}

}  // namespace concd::control::handlers
