#include "protocol/interface.hpp"

namespace concd::protocol {

std::string_view interface_of(std::string_view method) {
  const auto dot = method.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : method.substr(0, dot);
}

}  // namespace concd::protocol
