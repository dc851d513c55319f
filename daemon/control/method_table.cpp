#include "control/method_table.hpp"

#include <algorithm>

#include "control/handlers/varlink_service.hpp"

namespace concd::control {

MethodTable::MethodTable(const protocol::ServiceInfo& info) : m_info(info) {
  add_interface(protocol::k_varlink_service);
  add("org.varlink.service.GetInfo", {get_info, CallOrder::in_turn, CallEffect::reads});
  add("org.varlink.service.GetInterfaceDescription",
      {get_interface_description, CallOrder::in_turn, CallEffect::reads});
}

void MethodTable::add_interface(const protocol::Interface& interface) {
  m_interfaces.push_back(interface);
}

void MethodTable::add(std::string name, Method method) {
  m_methods.insert_or_assign(std::move(name), std::move(method));
}

const protocol::Interface* MethodTable::find_interface(std::string_view name) const {
  const auto found = std::ranges::find(m_interfaces, name, &protocol::Interface::name);
  return found == m_interfaces.end() ? nullptr : &*found;
}

const Method* MethodTable::find(std::string_view method) const {
  const auto found = m_methods.find(method);
  return found == m_methods.end() ? nullptr : &found->second;
}

protocol::WireError MethodTable::why_not(std::string_view method) const {
  const auto interface = protocol::interface_of(method);
  if (interface.empty()) return protocol::invalid_parameter("method");
  if (find_interface(interface) == nullptr) return protocol::interface_not_found(interface);
  return protocol::method_not_found(method);
}

}  // namespace concd::control
