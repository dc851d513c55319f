// A compiled file of messages, of which somebody has put another one in the place: what is found in it ends
// inside.

#include <string>

#include <sys/mman.h>

#include "client/output/language.hpp"
#include "expect.hpp"
#include "util/file.hpp"

namespace {

using namespace concd;
using fuzz::expect;

void look_up(const client::Messages& messages, std::string_view sentence, std::string_view file) {
  const auto* found = messages.find(sentence);
  if (found == nullptr) return;
  const std::string_view translation(found);
  expect(!translation.empty() && file.find(translation) != std::string_view::npos);
}

/// From a file it is what it is from memory.
void load(std::string_view file, bool is_sound) {
  const UniqueFd fd(::memfd_create("messages", MFD_CLOEXEC));
  write_all(fd.get(), file.data(), file.size(), "messages");
  expect(client::Messages::load("/proc/self/fd/" + std::to_string(fd.get())).has_value() == is_sound);
}

/// The bytes as what the environment says: no language leads out of the folder of the messages.
void read_environment(const std::string& text) {
  for (const auto& language : client::wanted_languages([&](const char*) { return text.c_str(); }))
    expect(!language.empty() && language.find('/') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = fuzz::text_of(data, size);
  read_environment(std::string(file));
  // The copy is on the heap and without room behind it, so that the sanitizer sees what reads on.
  const auto messages = client::Messages::parse(std::string(file));
  load(file, messages.has_value());
  if (!messages) return 0;
  look_up(*messages, "", file);
  look_up(*messages, "waiting", file);
  look_up(*messages, "zz", file);
  for (const auto piece : fuzz::lines_of(file.substr(0, 4096))) look_up(*messages, piece, file);
  return 0;
}
