#include "util/host_rule.hpp"

#include <string>

#include "util/ip_address.hpp"
#include "util/url.hpp"

namespace concd {
namespace {

std::string plain(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return lower_case(name);
}

}  // namespace

bool host_matches(std::string_view host, std::string_view rule) {
  if (rule == "*") return true;
  const auto address = IpAddress::parse(host);
  const auto wanted = IpAddress::parse(rule);
  if (address || wanted) return address && address == wanted;
  if (rule.starts_with('.')) rule.remove_prefix(1);
  const auto name = plain(host);
  const auto domain = plain(rule);
  return !domain.empty() && (name == domain || name.ends_with("." + domain));
}

}  // namespace concd
