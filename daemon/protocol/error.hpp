#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "protocol/refusal.hpp"

namespace concd::protocol {

/// An error as it goes over the wire.
struct Error {
  std::string name;  ///< in full: "io.concd.NoSuchJob"
  nlohmann::json parameters = nlohmann::json::object();
};

/// The error of io.concd that says the refusal.
[[nodiscard]] Error error_of(const Refusal& refusal);
/// The refusal that an error of io.concd says; nothing when it is another error or lacks a parameter.
[[nodiscard]] std::optional<Refusal> refusal_of(const Error& error);
/// Whether it says a refusal of that kind.
template <typename Kind>
[[nodiscard]] bool is_refusal(const Error& error) {
  const auto refusal = refusal_of(error);
  return refusal && std::holds_alternative<Kind>(*refusal);
}

// The errors that every Varlink service has, https://varlink.org/Service.
[[nodiscard]] Error interface_not_found(std::string_view interface);
[[nodiscard]] Error method_not_found(std::string_view method);
[[nodiscard]] Error method_not_implemented(std::string_view method);
[[nodiscard]] Error invalid_parameter(std::string_view parameter);
[[nodiscard]] Error permission_denied();
[[nodiscard]] Error expected_more();

}  // namespace concd::protocol
