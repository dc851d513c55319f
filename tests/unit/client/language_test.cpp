#include "client/output/language.hpp"

#include <map>

#include "support/catch.hpp"
#include "util/file.hpp"

using namespace concd::client;

namespace {

using Environment = std::map<std::string, std::string>;

std::vector<std::string> wanted(const Environment& environment) {
  return wanted_languages([&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

std::string spanish_file() {
  return CONCCTL_LOCALE_DIR "/es/LC_MESSAGES/concctl.mo";
}

}  // namespace

TEST_CASE("the language follows the environment as gettext(3) has it") {
  using Languages = std::vector<std::string>;
  CHECK(wanted({}) == Languages{});
  CHECK(wanted({{"LANG", "C.UTF-8"}}) == Languages{});
  CHECK(wanted({{"LANG", "en_GB.UTF-8"}}) == Languages{});
  CHECK(wanted({{"LANG", "es_MX.UTF-8"}}) == Languages{"es_MX", "es"});
  CHECK(wanted({{"LANG", "es"}}) == Languages{"es"});
  CHECK(wanted({{"LANG", "es_ES.utf8@euro"}}) == Languages{"es_ES", "es"});
  CHECK(wanted({{"LANG", "C"}, {"LC_ALL", "es_MX.UTF-8"}}) == Languages{"es_MX", "es"});
  CHECK(wanted({{"LANG", "es_MX.UTF-8"}, {"LC_MESSAGES", "C"}}) == Languages{});
  CHECK(wanted({{"LANG", "de_DE.UTF-8"}, {"LANGUAGE", "fr:es:en:it"}}) == Languages{"fr", "es"});
  CHECK(wanted({{"LANG", "C"}, {"LANGUAGE", "es"}}) == Languages{});
  CHECK(wanted({{"LANG", "_MX.UTF-8"}}) == Languages{});
  CHECK(wanted({{"LANG", "es"}, {"LANGUAGE", "_MX:fr"}}) == Languages{"fr"});
}

TEST_CASE("a terminal that is not UTF-8 gets English, and no path comes from the environment") {
  CHECK(wanted({{"LANG", "es_ES.ISO-8859-1"}}).empty());
  CHECK(wanted({{"LANG", "../../tmp/es.UTF-8"}}).empty());
  CHECK(wanted({{"LANG", "es.UTF-8"}, {"LANGUAGE", "../x"}}).empty());
}

TEST_CASE("a sentence is found in the compiled file, and only there") {
  const auto spanish = Messages::load(spanish_file());
  REQUIRE(spanish);
  REQUIRE(spanish->find("waiting") != nullptr);
  CHECK(std::string(spanish->find("waiting")) == "en espera");
  CHECK(spanish->find("no such sentence") == nullptr);
  CHECK(spanish->find("waitin") == nullptr);
  CHECK_FALSE(Messages::load("/nonexistent/concctl.mo"));
}

TEST_CASE("a damaged message file is refused and never read beyond its end") {
  const auto whole = concd::read_text(spanish_file());
  for (std::size_t length = 0; length < whole.size(); length += length < 4096 ? 1 : 97)
    if (const auto messages = Messages::parse(whole.substr(0, length)))
      CHECK(messages->find("waiting") == nullptr);
  for (std::size_t place = 0; place < 64; ++place) {
    auto damaged = whole;
    damaged[place] = '\xFF';
    if (const auto messages = Messages::parse(damaged)) (void)messages->find("waiting");
  }
}

TEST_CASE("without a translation the sentence itself is spoken, and places are filled in") {
  CHECK(std::string(_("no such sentence")) == "no such sentence");
  CHECK(phrase(_("job {0} of {1}, {0}"), 7, "x") == "job 7 of x, 7");
}
