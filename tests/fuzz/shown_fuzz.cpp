// Texts and names from strangers on their way to a terminal, the journal and a file's name, and names of
// hosts on their way past the rules for origins.

#include <filesystem>
#include <string>

#include <arpa/inet.h>

#include "client/output/printable.hpp"
#include "expect.hpp"
#include "util/host_rule.hpp"
#include "util/inside_path.hpp"
#include "util/ip_address.hpp"
#include "util/shown.hpp"

namespace {

using namespace concd;
using fuzz::expect;
namespace fs = std::filesystem;

void check_text(const std::string& text) {
  expect(is_plain(printable(text)) && is_plain(plain(text)) && is_plain(shown(text.c_str())));
  expect(shown(text.c_str()).size() <= 200 * 4 + 3);
  // What shows as what it is stays as it is; and that is no less than UTF-8.
  if (is_plain(text)) expect(is_utf8(text) && plain(text) == text && printable(text, text.size()) == text);
  const auto line = printable(text);
  for (const std::size_t columns : {0U, 1U, 7U, 80U}) {
    expect(client::columns_of(client::cut(line, columns)) <= columns);
    expect(client::columns_of(client::padded(line, columns)) == columns);
    expect(client::columns_of(client::padded_left(line, columns)) == columns);
  }
}

void check_address(std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return;
  expect(IpAddress::parse(address->text()) == address);
  sockaddr_in6 six{};
  sockaddr_in four{};
  six.sin6_family = AF_INET6;
  four.sin_family = AF_INET;
  if (::inet_pton(AF_INET6, address->text().c_str(), &six.sin6_addr) == 1)
    expect(IpAddress::of(reinterpret_cast<const sockaddr&>(six)) == address);
  if (::inet_pton(AF_INET, address->text().c_str(), &four.sin_addr) == 1)
    expect(IpAddress::of(reinterpret_cast<const sockaddr&>(four)) == address);
  const auto alone = IpNetwork::parse(address->text());
  expect(alone && alone->contains(*address));
  expect(host_matches(text, address->text()) && host_matches("[" + address->text() + "]", text));
}

/// Who means a domain means all below it.
void check_rule(const std::string& host, std::string_view rule) {
  if (IpAddress::parse(host) || !host_matches(host, rule)) return;
  expect(host_matches("below." + host, rule));
}

void check_network(std::string_view text) {
  const auto network = IpNetwork::parse(text);
  const auto address = IpAddress::parse(text.substr(0, text.find('/')));
  if (network) expect(address && network->contains(*address));
}

/// Where the link at `path` leads, by the words alone. Lenient where a path ends in "/".
void check_path(const std::string& path, const std::string& target) {
  if (!stays_inside(path) || !link_stays_inside(path, target)) return;
  expect(path.front() != '/' && target.front() != '/');
  const auto end = (fs::path(path).lexically_normal().parent_path() / target).lexically_normal();
  expect(end.empty() || *end.begin() != "..");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::lines_of(fuzz::text_of(data, size));
  const std::string first(lines.front()), last(lines.back());
  check_text(std::string(fuzz::text_of(data, size)));
  check_address(first);
  check_network(first);
  expect(host_matches(first, "*"));
  check_rule(first, last);
  check_path(first, last);
  return 0;
}
