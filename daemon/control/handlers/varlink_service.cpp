#include "control/handlers/varlink_service.hpp"

#include "control/handlers/answer.hpp"
#include "protocol/parameter_reader.hpp"

namespace concd::control {

void get_info(const CallPtr& call) {
  handlers::with(call, protocol::decode_nothing(call->parameters()), [&] {
    const auto& info = call->methods().info();
    auto names = nlohmann::json::array();
    for (const auto& interface : call->methods().interfaces()) names.push_back(interface.name);
    call->reply({{"vendor", info.vendor},
                 {"product", info.product},
                 {"version", info.version},
                 {"url", info.url},
                 {"interfaces", std::move(names)}});
  });
}

void get_interface_description(const CallPtr& call) {
  protocol::ParameterReader reader(call->parameters(), protocol::ParameterReader::Unknown::refused);
  auto name = reader.text("interface");
  handlers::with(call, reader.result(std::move(name)), [&](const std::string& wanted) {
    const auto* interface = call->methods().find_interface(wanted);
    if (interface == nullptr) return call->error(protocol::interface_not_found(wanted));
    call->reply({{"description", interface->description}});
  });
}

}  // namespace concd::control
