#include "engine/pool.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "engine/reporter.hpp"
#include "engine/thread.hpp"
#include "lib/curl/global.hpp"

namespace concd::engine {

class Pool::Impl {
 public:
  Impl(Settings settings, std::size_t threads, ThreadPool& disk, event::Mailbox& mailbox,
       job::ExecutorEvents& events)
      : m_settings(std::make_shared<const Settings>(std::move(settings))),
        m_reporter(std::make_shared<Reporter>(mailbox, events, [this](job::Id id) { forget(id); })) {
    const auto hosts = std::make_shared<HostConnections>();
    for (std::size_t index = 0; index < std::max<std::size_t>(threads, 1); ++index)
      m_seats.push_back({std::make_unique<Thread>(index, disk, m_reporter, hosts), 0});
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { m_reporter->close(); }

  void start(job::Task task) {
    const auto id = task.id;
    if (m_running.contains(id)) throw std::logic_error("transfer " + std::to_string(id) + " runs already");
    auto& seat = *std::ranges::min_element(m_seats, {}, &Seat::load);
    const auto ticket = std::make_shared<Ticket>(id);
    m_running.emplace(id, Running{ticket, &seat});
    ++seat.load;
    seat.thread->start({std::move(task), m_settings, ticket});
  }

  void stop(job::Id id) {
    const auto found = m_running.find(id);
    if (found == m_running.end()) return;
    found->second.seat->thread->stop(found->second.ticket);
  }

  void set_settings(Settings settings) { m_settings = std::make_shared<const Settings>(std::move(settings)); }

  [[nodiscard]] std::vector<Liveness*> liveness() const {
    std::vector<Liveness*> result;
    for (const auto& seat : m_seats) result.push_back(&seat.thread->liveness());
    return result;
  }

 private:
  struct Seat {
    std::unique_ptr<Thread> thread;
    std::size_t load = 0;  ///< attempts that have no outcome yet
  };
  struct Running {
    TicketPtr ticket;
    Seat* seat;
  };

  void forget(job::Id id) {
    const auto found = m_running.find(id);
    --found->second.seat->load;
    m_running.erase(found);
  }

  curl::Global m_curl;
  std::shared_ptr<const Settings> m_settings;
  std::shared_ptr<Reporter> m_reporter;
  std::unordered_map<job::Id, Running> m_running;
  std::vector<Seat> m_seats;  ///< after all that the threads use
};

Pool::Pool(Settings settings, std::size_t threads, ThreadPool& disk, event::Mailbox& mailbox,
           job::ExecutorEvents& events)
    : m_impl(std::make_unique<Impl>(std::move(settings), threads, disk, mailbox, events)) {}

Pool::~Pool() = default;

void Pool::start(job::Task task) {
  m_impl->start(std::move(task));
}

void Pool::stop(job::Id id) {
  m_impl->stop(id);
}

void Pool::set_settings(Settings settings) {
  m_impl->set_settings(std::move(settings));
}

std::vector<Liveness*> Pool::liveness() {
  return m_impl->liveness();
}

}  // namespace concd::engine
