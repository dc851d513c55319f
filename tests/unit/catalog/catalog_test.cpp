#include "catalog/catalog.hpp"

#include "lib/toml/document.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace std::chrono_literals;
using catalog::Catalog;

namespace {

const std::string k_sha256(64, 'a');

struct Mistake {
  std::string text;
  const char* error;  ///< what follows the file's name
};

const std::vector<Mistake> k_mistakes{
    {"[a]\nulrs = [\"https://example.org\"]", ":1:1: `a.urls` is missing"},
    {"[Archivo1.txt]\nurl = \"https://example.org\"", R"(a name with a dot needs quotes, ["NAME.EXT"])"},
    {"[a]\nurl = \"https://x\"\ndigset = \"\"", ":3:1: there is no key `a.digset`; did you mean `digest`?"},
    {"[a]\nurl = \"https://x\"\nurls = [\"https://x\"]", ":2:7: `a.url` and `urls` are the same"},
    {"[a]\nurls = []", "`a.urls` must hold 1 to 64 URLs"},
    {"[a]\nurls = [\"https://x\", 5]", ":2:22: `a.urls`, element 2, must be a string"},
    {"[a]\nurls = [\"https://x\", \"gopher://x\"]",
     ":2:22: `a.urls`, element 2, must begin with one of http://, https://"},
    {"[a]\nurl = \"x\"", ":2:7: `a.url` must begin with one of"},
    {"[a]\nurl = \"\"", "`a.url` must begin with one of"},
    {"[a]\nurl = \"https://\"", "`a.url` names no host"},
    {"[a]\nurl = \"https:///path\"", "`a.url` names no host"},
    {"[a]\nurl = \"https://x/a b\"", "`a.url` holds a space"},
    {"[a]\nurl = \"https://x/\\u0000\"", "`a.url` holds a control character"},
    {"[a]\nurl = \"https://x/" + std::string(8192, 'a') + "\"", "`a.url` is longer than 8192 bytes"},
    {"[a]\nurl = \"https://x\"\ndescription = \"" + std::string(4097, 'a') + "\"",
     ":3:15: `a.description` is longer than 4096 bytes"},
    {"[a]\nurl = \"file://host/path\"", "`a.url` must have the form file:///PATH"},
    {"[a]\nurl = \"sim:\"", "`a.url` must have the form sim:NAME"},
    {"[a]\nurl = \"sim://a\"", "`a.url` must have the form sim:NAME"},
    {"[a]\nurl = \"https://x\"\ndigest = \"sha256:123\"",
     ":3:10: `a.digest` must be one of sha256:<64 hex digits>"},
    {"[a]\nurl = \"https://x\"\ndigest = \"crc32:12345678\"", ":3:10: `a.digest` must be one of"},
    {"[a]\nurl = \"https://x\"\nsize = \"5 apples\"", ":3:8: `a.size` is not a size"},
    {"[a]\nurl = \"https://x\"\nexecutor = \"proces\"", "did you mean `process`?"},
    {"[a]\nurl = \"https://x\"\nunpack = \"yes\"", ":3:10: `a.unpack` must be true or false, not a string"},
    {"[a]\nurl = \"https://x\"\nfresh_for = 5", ":3:13: `a.fresh_for` must be a time span in quotes"},
    {"[a]\nurl = \"https://x\"\nexecutor = \"thread\"\nunpack = true",
     ":3:12: `a.executor` must not be thread together with unpack: archives are opened in a process only"},
    {"a = 5", ":1:5: `a` must be a table, [a], not a whole number"},
    {"[[a]]\nurl = \"https://x\"", "`a` must be a table, [a], not an array"},
    {"[\"a/b\"]\nurl = \"https://x\"", ":1:2: `a/b` holds a slash"},
    {"[\"..\"]\nurl = \"https://x\"", "`..` begins with a dot"},
    {"[\".a\"]\nurl = \"https://x\"", "`.a` begins with a dot"},
    {"[\"\"]\nurl = \"https://x\"", "is empty"},
    {"[\"a\\nb\"]\nurl = \"https://x\"", "holds a control character"},
    {"[" + std::string(256, 'a') + "]\nurl = \"https://x\"", "is longer than 255 bytes"},
    {"[a]\nurl = \"https://x\"\n[a]\nurl = \"https://x\"", ":3:"},
    {"[a]\nurl = ", ":2:"},
};

}  // namespace

TEST_CASE("every key of an entry is read") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("a.toml", R"(
["big.tar.gz"]
description = "Something big"
urls = ["https://a.example/big", "ftp://b.example/big", "file:///srv/big"]
digest = "sha256:)" + std::string(64, 'A') + R"("
size = "5G"
executor = "process"
unpack = true
fresh_for = "1d"
)");
  const auto catalog = Catalog::load({folder.path()}, toml::Trust::root_or_caller);
  const auto* entry = catalog.find("big.tar.gz");
  REQUIRE(entry != nullptr);
  CHECK(entry->name == "big.tar.gz");
  CHECK(entry->description == "Something big");
  CHECK(entry->urls ==
        std::vector<std::string>{"https://a.example/big", "ftp://b.example/big", "file:///srv/big"});
  CHECK(entry->digest == job::Digest{"sha256", k_sha256});
  CHECK(entry->size == 5ULL << 30);
  CHECK(entry->executor == job::ExecutorKind::process);
  CHECK(entry->unpack);
  CHECK(entry->fresh_for == 24h);
  CHECK(entry->file == file);
}

TEST_CASE("an entry needs no more than a URL") {
  const test::TemporaryFolder folder;
  folder.write("a.toml", "[a]\nurl = \"https://x\"");
  const auto catalog = Catalog::load({folder.path()}, toml::Trust::root_or_caller);
  const auto* entry = catalog.find("a");
  REQUIRE(entry != nullptr);
  CHECK(entry->urls == std::vector<std::string>{"https://x"});
  CHECK_FALSE(entry->digest);
  CHECK_FALSE(entry->size);
  CHECK(entry->executor == job::ExecutorKind::automatic);
  CHECK_FALSE(entry->unpack);
  CHECK_FALSE(entry->fresh_for);
}

TEST_CASE("the shipped catalog has the lesson's two files, one by a thread and one by a process") {
  const test::TemporaryFolder folder;
  folder.write("lesson.toml", read_text(CONCD_SOURCE_DIR "/daemon/catalog/lesson.toml"));
  const auto catalog = Catalog::load({folder.path()}, toml::Trust::root_or_caller);
  REQUIRE(catalog.entries().size() == 2);
  CHECK(catalog.find("Archivo1.txt")->urls == std::vector<std::string>{"sim:Archivo1.txt"});
  CHECK(catalog.find("Archivo1.txt")->executor == job::ExecutorKind::thread);
  CHECK(catalog.find("Archivo2.txt")->urls == std::vector<std::string>{"sim:Archivo2.txt"});
  CHECK(catalog.find("Archivo2.txt")->executor == job::ExecutorKind::process);
}

TEST_CASE("later files and later folders win") {
  const test::TemporaryFolder folder;
  folder.write("first/10.toml", "[a]\nurl = \"https://1\"\n[gone]\nurl = \"https://1\"");
  folder.write("first/20.toml", "[b]\nurl = \"https://1\"");
  folder.write("second/10.toml", "[a]\nurl = \"https://2\"");
  folder.write("second/30.toml", "[b]\nurl = \"https://2\"");
  const auto catalog =
      Catalog::load({folder.path() / "first", folder.path() / "missing", folder.path() / "second"},
                    toml::Trust::root_or_caller);
  CHECK(catalog.entries().size() == 2);
  CHECK(catalog.find("a")->urls.front() == "https://2");
  CHECK(catalog.find("b")->urls.front() == "https://2");
  CHECK(catalog.find("gone") == nullptr);  // its file was replaced by one of the same name
}

TEST_CASE("no folders are an empty catalog") {
  const auto catalog = Catalog::load({"/missing/folder"}, toml::Trust::root_or_caller);
  CHECK(catalog.entries().empty());
  CHECK(catalog.find("a") == nullptr);
  CHECK_FALSE(catalog.nearest("a"));
}

TEST_CASE("a name that was mistyped finds the one that was meant") {
  const test::TemporaryFolder folder;
  folder.write("a.toml", read_text(CONCD_SOURCE_DIR "/daemon/catalog/lesson.toml"));
  const auto catalog = Catalog::load({folder.path()}, toml::Trust::root_or_caller);
  CHECK(catalog.nearest("archivo1.txt") == "Archivo1.txt");
  CHECK(catalog.nearest("Archvio2.txt") == "Archivo2.txt");
  CHECK(catalog.nearest("Archivo3.txt") == "Archivo1.txt");
  CHECK_FALSE(catalog.nearest("firmware"));
  CHECK_FALSE(catalog.nearest(std::string(1 << 20, 'A')));
}

TEST_CASE("each mistake in a catalog is refused with its place") {
  const test::TemporaryFolder folder;
  for (const auto& [text, problem] : k_mistakes) {
    INFO(text);
    const auto file = folder.write("a.toml", text);
    try {
      (void)Catalog::load({folder.path()}, toml::Trust::root_or_caller);
      FAIL("the file was accepted");
    } catch (const toml::ConfigError& error) {
      CHECK_THAT(error.what(), Catch::Matchers::StartsWith(file.string() + ":"));
      CHECK_THAT(error.what(), ContainsSubstring(problem));
    }
  }
}
