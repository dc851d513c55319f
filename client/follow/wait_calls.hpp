#pragma once

#include <filesystem>
#include <functional>
#include <list>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <poll.h>

#include "client/connection.hpp"
#include "client/follow/request.hpp"

namespace concd::client {

/// The Waits for jobs, some hundred jobs each, and each on a connection of its own: a later call there would
/// be answered only once all its jobs ended. One thread.
class WaitCalls {
 public:
  /// Jobs of one Wait; its last reply has all these jobs and must fit a frame.
  static constexpr std::size_t k_batch = 256;
  /// A job as the daemon tells it, the type Job of io.concd.
  using OnJob = std::function<void(const nlohmann::json&)>;
  /// The Wait for the request's job, among others, was refused.
  using OnRefused = std::function<void(FollowedRequest&, const protocol::WireError&)>;

  WaitCalls(std::filesystem::path socket, OnJob on_job, OnRefused on_refused)
      : m_socket(std::move(socket)), m_on_job(std::move(on_job)), m_on_refused(std::move(on_refused)) {}

  /// Sends a Wait for all of them that are opened. They must outlive this. Throws CannotConnect.
  void wait_for(std::vector<FollowedRequest>& requests);
  /// Adds what to poll(2) for before the next turn().
  void add_inputs(std::vector<pollfd>& inputs) const;
  /// Sends and receives without blocking. Throws ConnectionLost, BadReply.
  void turn();
  /// Gives all Waits up.
  void clear() { m_batches.clear(); }

 private:
  struct Batch {
    Connection connection;
    std::vector<FollowedRequest*> requests;
    bool over = false;
  };
  void wait_for_batch(std::vector<FollowedRequest*> requests);
  void on_reply(Batch& batch, const CallResult& reply, bool more);

  std::filesystem::path m_socket;
  OnJob m_on_job;
  OnRefused m_on_refused;
  std::list<Batch> m_batches;
};

}  // namespace concd::client
