#include <clocale>
#include <cstdlib>

#include "client/output/language.hpp"
#include "client/program.hpp"

int main(int argc, char** argv) {
  // strerror(3) speaks the person's language where libc has it.
  std::setlocale(LC_ALL, "");
  const auto* folder = std::getenv("TEXTDOMAINDIR");
  concd::client::speak_language_of_environment(folder == nullptr ? CONCD_LOCALE_DIR : folder);
  return concd::client::run(argc, argv);
}
