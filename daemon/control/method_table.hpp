#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.hpp"
#include "protocol/interface.hpp"

namespace concd::control {

class Call;
/// Shared by the session and by whoever will answer later.
using CallPtr = std::shared_ptr<Call>;
/// Answers one call, at once or later: exactly one of Call::reply() and Call::error(). Main thread.
using Handler = std::function<void(const CallPtr& call)>;

/// How a call goes with those of the same connection that are not answered yet.
enum class CallOrder {
  in_turn,   ///< waits until all before it are answered, and holds back those after it
  overlaps,  ///< without "more", begun together with others of the kind; its reply has no descriptors
};

/// What a call is good for once its caller has hung up.
enum class CallEffect {
  changes,  ///< is carried out
  reads,    ///< is left out, unless it has been begun
};

/// What answers a method.
struct Method {
  Handler handler;
  CallOrder order = CallOrder::in_turn;
  CallEffect effect = CallEffect::changes;
};

/// A Varlink service: its interfaces and what answers their methods. org.varlink.service is always one.
class MethodTable {
 public:
  explicit MethodTable(const protocol::ServiceInfo& info);

  /// `interface` is of static storage duration.
  void add_interface(const protocol::Interface& interface);
  /// `method` is the full name, "io.concd.Get".
  void add(std::string name, Method method);

  [[nodiscard]] const protocol::ServiceInfo& info() const { return m_info; }
  [[nodiscard]] const std::vector<protocol::Interface>& interfaces() const { return m_interfaces; }
  /// Null when the service does not have the interface.
  [[nodiscard]] const protocol::Interface* find_interface(std::string_view name) const;
  /// Null when there is no such method; why_not() then says what is wrong.
  [[nodiscard]] const Method* find(std::string_view method) const;
  [[nodiscard]] protocol::WireError why_not(std::string_view method) const;

 private:
  protocol::ServiceInfo m_info;
  std::vector<protocol::Interface> m_interfaces;
  std::map<std::string, Method, std::less<>> m_methods;
};

}  // namespace concd::control
