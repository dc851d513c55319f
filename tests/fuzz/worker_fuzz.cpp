// What a worker says, and what it is told: the first line says which of them the rest is. What is taken is
// written and read again, and must then be the same. Commands come with two files, as a transfer has them, or
// with a file and a folder.

#include <fcntl.h>
#include <sys/mman.h>

#include "expect.hpp"
#include "worker/messages.hpp"
#include "worker/process/settings.hpp"

namespace {

using namespace concd;
using fuzz::expect;

std::vector<UniqueFd> descriptors(bool unpacks) {
  std::vector<UniqueFd> result;
  result.emplace_back(::memfd_create("part", MFD_CLOEXEC));
  result.emplace_back(unpacks ? ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                              : ::memfd_create("part", MFD_CLOEXEC));
  return result;
}

void read_command(std::string_view text, bool unpacks) {
  const auto first = worker::decode_command(text, descriptors(unpacks));
  if (!first) return expect(!first.error().empty());
  if (std::holds_alternative<worker::Stop>(*first)) return;
  const auto written = worker::encode(*first);
  const auto second = worker::decode_command(written, descriptors(unpacks));
  expect(second.has_value() && worker::encode(*second) == written);
  expect(worker::descriptors_of(*second).size() == 2);
}

void read_report(std::string_view text) {
  const auto first = worker::decode_report(text);
  if (!first) return expect(!first.error().empty());
  const auto written = worker::encode(*first);
  const auto second = worker::decode_report(written);
  expect(second.has_value() && worker::encode(*second) == written);
}

void read_settings(std::string_view text) {
  const auto first = worker::decode_settings(text);
  if (!first) return expect(!first.error().empty());
  const auto second = worker::decode_settings(worker::encode_settings(*first));
  expect(second.has_value() && *second == *first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  const auto kind = text.substr(0, end);
  const auto rest = text.substr(end + 1);
  if (kind == "transfer" || kind == "unpack") read_command(rest, kind == "unpack");
  if (kind == "report") read_report(rest);
  if (kind == "settings") read_settings(rest);
  return 0;
}
