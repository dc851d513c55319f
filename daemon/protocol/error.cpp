#include "protocol/error.hpp"

#include <type_traits>

#include "protocol/parameter_reader.hpp"

namespace concd::protocol {
namespace {

using nlohmann::json;

// One pair a refusal: how it is written and how it is read.

WireError write(const UnknownName& refusal) {
  WireError error{"io.concd.UnknownName", {{"name", refusal.name}}};
  if (refusal.nearest) error.parameters["nearest"] = *refusal.nearest;
  return error;
}
WireError write(const InvalidSource& refusal) {
  return {"io.concd.InvalidSource", {{"source", refusal.source}, {"reason", refusal.reason}}};
}
WireError write(const InvalidFile& refusal) {
  return {"io.concd.InvalidFile", {{"reason", refusal.reason}}};
}
WireError write(const NoSuchJob& refusal) {
  return {"io.concd.NoSuchJob", {{"id", refusal.id}}};
}
WireError write(const NotPermitted& refusal) {
  return {"io.concd.NotPermitted", {{"reason", refusal.reason}}};
}
WireError write(const QueueFull& refusal) {
  return {"io.concd.QueueFull", {{"limit", refusal.limit}}};
}
WireError write(const LimitReached& refusal) {
  return {"io.concd.LimitReached", {{"limit", refusal.limit}, {"most", refusal.most}}};
}
WireError write(const WrongState& refusal) {
  return {"io.concd.WrongState",
          {{"id", refusal.id}, {"state", job::to_string(refusal.state)}, {"verb", refusal.verb}}};
}
WireError write(const NoResult& refusal) {
  return {"io.concd.NoResult", {{"id", refusal.id}, {"reason", refusal.reason}}};
}
WireError write(const ShuttingDown&) {
  return {"io.concd.ShuttingDown"};
}
WireError write(const StoreFailed& refusal) {
  return {"io.concd.StoreFailed", {{"reason", refusal.reason}}};
}

Refusal read(ParameterReader& reader, std::type_identity<UnknownName>) {
  return UnknownName{reader.text("name"), reader.optional_text("nearest")};
}
Refusal read(ParameterReader& reader, std::type_identity<InvalidSource>) {
  return InvalidSource{reader.text("source"), reader.text("reason")};
}
Refusal read(ParameterReader& reader, std::type_identity<InvalidFile>) {
  return InvalidFile{reader.text("reason")};
}
Refusal read(ParameterReader& reader, std::type_identity<NoSuchJob>) {
  return NoSuchJob{reader.integer("id")};
}
Refusal read(ParameterReader& reader, std::type_identity<NotPermitted>) {
  return NotPermitted{reader.text("reason")};
}
Refusal read(ParameterReader& reader, std::type_identity<QueueFull>) {
  return QueueFull{static_cast<std::size_t>(reader.integer("limit", 0))};
}
Refusal read(ParameterReader& reader, std::type_identity<LimitReached>) {
  return LimitReached{reader.text("limit"), static_cast<std::uint64_t>(reader.integer("most", 0))};
}
Refusal read(ParameterReader& reader, std::type_identity<WrongState>) {
  return WrongState{reader.integer("id"), reader.parsed("state", job::state_from_string),
                    reader.text("verb")};
}
Refusal read(ParameterReader& reader, std::type_identity<NoResult>) {
  return NoResult{reader.integer("id"), reader.text("reason")};
}
Refusal read(ParameterReader&, std::type_identity<ShuttingDown>) {
  return ShuttingDown{};
}
Refusal read(ParameterReader& reader, std::type_identity<StoreFailed>) {
  return StoreFailed{reader.text("reason")};
}

/// Reads the error as a T if it has T's name, which write() knows.
template <typename T>
void try_read(const WireError& error, std::optional<Refusal>& result) {
  if (result || write(T{}).name != error.name) return;
  ParameterReader reader(error.parameters, ParameterReader::Unknown::ignored);
  auto refusal = reader.result(read(reader, std::type_identity<T>{}));
  if (refusal) result = std::move(*refusal);
}

template <typename... T>
std::optional<Refusal> read_any(const WireError& error, std::type_identity<std::variant<T...>>) {
  std::optional<Refusal> result;
  (try_read<T>(error, result), ...);
  return result;
}

}  // namespace

WireError error_of(const Refusal& refusal) {
  return std::visit([](const auto& known) { return write(known); }, refusal);
}

std::optional<Refusal> refusal_of(const WireError& error) {
  return read_any(error, std::type_identity<Refusal>{});
}

WireError interface_not_found(std::string_view interface) {
  return {"org.varlink.service.InterfaceNotFound", {{"interface", interface}}};
}

WireError method_not_found(std::string_view method) {
  return {"org.varlink.service.MethodNotFound", {{"method", method}}};
}

WireError method_not_implemented(std::string_view method) {
  return {"org.varlink.service.MethodNotImplemented", {{"method", method}}};
}

WireError invalid_parameter(std::string_view parameter) {
  return {"org.varlink.service.InvalidParameter", {{"parameter", parameter}}};
}

WireError permission_denied() {
  return {"org.varlink.service.PermissionDenied"};
}

WireError expected_more() {
  return {"org.varlink.service.ExpectedMore"};
}

}  // namespace concd::protocol
