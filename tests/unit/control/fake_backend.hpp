#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "control/backend.hpp"

namespace concd::control {

/// A backend whose jobs the test makes up. It answers at once, or with `hold` when the test says
/// answer_one().
class FakeBackend final : public Backend {
 public:
  std::map<job::Id, job::View> jobs;
  std::vector<std::string> calls;  ///< "get 7", in the order they came
  bool hold = false;
  std::optional<Refusal> refusal;  ///< what every verb is refused with
  job::Request request;            ///< the last Download's
  std::optional<ino_t> file;       ///< of the last Download or Attach; nothing: it had none
  job::Peer peer;                  ///< who asked for the last change
  ListQuery query;
  std::string result_file = "/dev/null";
  std::vector<std::string> names{"Archivo1.txt"};  ///< of the catalog, in order

  job::View& add(job::Id id, job::State state);
  /// Runs one of the answers that are held back, the oldest by default.
  void answer_one(std::size_t which = 0);
  [[nodiscard]] std::size_t held() const { return m_held.size(); }

  void download(const job::Request& wanted, ReceivedFd file, const job::Peer& who,
                Reply<job::View> reply) override;
  void attach(job::Id id, ReceivedFd file, const job::Peer& who, Reply<job::View> reply) override;
  void get(job::Id id, Reply<job::View> reply) override;
  void list(const ListQuery& wanted, Reply<std::vector<job::View>> reply) override;
  void cancel(job::Id id, const job::Peer& who, Reply<job::View> reply) override;
  void pause(job::Id id, const job::Peer& who, Reply<job::View> reply) override;
  void resume(job::Id id, const job::Peer& who, Reply<job::View> reply) override;
  void retry(job::Id id, const job::Peer& who, Reply<job::View> reply) override;
  void priority(job::Id id, job::Priority wanted, const job::Peer& who, Reply<job::View> reply) override;
  void release(job::Id id, const job::Peer& who, Reply<job::View> reply) override;
  void open_result(job::Id id, const job::Peer& who, Reply<std::shared_ptr<ResultFile>> reply) override;
  Status status() override;
  std::vector<CatalogItem> catalog(const std::string& after) override;

 private:
  void note(const std::string& verb, job::Id id, const job::Peer& who);
  void answer(job::Id id, Reply<job::View> reply);
  void now_or_later(std::function<void()> answer);

  std::deque<std::function<void()>> m_held;
};

}  // namespace concd::control
