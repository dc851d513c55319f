#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/connection.hpp"
#include "client/delivery/delivery.hpp"
#include "client/follow/request.hpp"
#include "protocol/values.hpp"

namespace concd::client {

/// Where a file was brought.
struct Delivered {
  std::filesystem::path path;
  std::filesystem::path wanted;  ///< the same, unless that name was taken
};

/// A finished file that could not be brought to the caller.
struct Undelivered {
  int code = 0;  ///< exit_code
  std::string text;
};

/// Brings the finished files of requests to where they are wanted. What was fetched into the caller's own
/// file is given its name, some at a turn. Any other one is asked for and copied, one after the other, each a
/// piece at a turn, and the daemon is let drop its copy of a URL's file. A request whose file was handed over
/// to another concctl meanwhile ends undelivered, with its job as it is by then. The requests must outlive
/// this. One thread.
class Deliverer {
 public:
  /// Gives the connection for the calls.
  using Connect = std::function<Connection&()>;
  using OnEnd = std::function<void(FollowedRequest&, const tl::expected<Delivered, Undelivered>&)>;

  Deliverer(Connect connect, OnEnd on_end) : m_connect(std::move(connect)), m_on_end(std::move(on_end)) {}

  /// Its job is done and its file is wanted.
  void add(FollowedRequest& request) { m_queue.push_back(&request); }
  /// Does the next bit of work.
  void turn();
  /// The connection is gone: what was asked on it is asked again.
  void forget_connection();
  /// True when turn() has work that waits for no reply.
  [[nodiscard]] bool is_busy() const;
  /// True when nothing is left to deliver or to release.
  [[nodiscard]] bool is_idle() const {
    return m_current == nullptr && m_queue.empty() && m_unreleased.empty();
  }

 private:
  void name_own_files();
  [[nodiscard]] tl::expected<Delivered, Undelivered> name_own_file(FollowedRequest& request);
  void copy_own_file(FollowedRequest& request);
  void ask_for_file();
  void on_file(const CallResult& reply);
  void look_again(const protocol::WireError& error);
  void refused(const protocol::WireError& error);
  void begin(const protocol::ResultDescription& result);
  void begin(Finished finished);
  [[nodiscard]] bool may_replace() const;
  void copy_some();
  void end(const tl::expected<Delivered, Undelivered>& result);
  void release(job::Id id);

  Connect m_connect;
  OnEnd m_on_end;
  std::deque<FollowedRequest*> m_queue;
  FollowedRequest* m_current = nullptr;
  std::filesystem::path m_target;      ///< of m_current, once the daemon has told its file
  std::optional<Delivery> m_delivery;  ///< of m_current, once its file is open
  std::set<std::filesystem::path> m_delivered;
  std::deque<job::Id> m_unreleased;
  bool m_release_asked = false;
};

}  // namespace concd::client
