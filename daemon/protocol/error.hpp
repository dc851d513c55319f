#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "protocol/refusal.hpp"

namespace concd::protocol {

/// An error as it goes over the wire.
struct WireError {
  std::string name;  ///< in full: "io.concd.NoSuchJob"
  nlohmann::json parameters = nlohmann::json::object();
};

/// The error of io.concd that says the refusal.
[[nodiscard]] WireError error_of(const Refusal& refusal);
/// The refusal that an error of io.concd says; nothing when it is another error or lacks a parameter.
[[nodiscard]] std::optional<Refusal> refusal_of(const WireError& error);
/// Whether it says a refusal of that kind.
template <typename Kind>
[[nodiscard]] bool is_refusal(const WireError& error) {
  const auto refusal = refusal_of(error);
  return refusal && std::holds_alternative<Kind>(*refusal);
}

// The errors that every Varlink service has, https://varlink.org/Service.
[[nodiscard]] WireError interface_not_found(std::string_view interface);
[[nodiscard]] WireError method_not_found(std::string_view method);
[[nodiscard]] WireError method_not_implemented(std::string_view method);
[[nodiscard]] WireError invalid_parameter(std::string_view parameter);
[[nodiscard]] WireError permission_denied();
[[nodiscard]] WireError expected_more();

}  // namespace concd::protocol
