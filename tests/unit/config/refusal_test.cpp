#include <iterator>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.hpp"
#include "lib/toml/document.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace concd;
namespace fs = std::filesystem;

namespace {

/// Loading must fail with an error that begins with the file's name and holds `text`.
void check_refused(const fs::path& file, const std::string& text) {
  INFO(text);
  try {
    (void)config::load(file);
    FAIL("the file was accepted");
  } catch (const toml::ConfigError& error) {
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith(file.string() + ":"));
    CHECK_THAT(error.what(), ContainsSubstring(text));
  }
}

struct Mistake {
  const char* text;
  const char* error;  ///< what follows the file's name
};

const std::vector<Mistake> k_mistakes{
    // keys and tables
    {"[queue]\nlimt = 1", ":2:1: there is no key `queue.limt`; did you mean `limit`?"},
    {"[queue]\nactive-per-host = 1",
     ":2:1: there is no key `queue.active-per-host`; did you mean `active_per_host`?"},
    {"[queue]\nHEARTBEAT = \"5s\"", ":2:1: there is no key `queue.HEARTBEAT`"},
    {"heartbeat = \"5s\"", ":1:1: there is no key `heartbeat`"},
    {"\n\n  [demon]\nuser = \"a\"", ":3:4: there is no key `demon`; did you mean `daemon`?"},
    {"[daemon.more]\nx = 1", ": there is no key `daemon.more`"},
    {"[[daemon]]\nuser = \"a\"", "`daemon` must be a table, [daemon], not an array"},
    {"daemon = 5", ":1:10: `daemon` must be a table, [daemon], not a whole number"},
    {"[queue]\nlimit = 1\nlimit = 2", ":3:"},
    {"[queue]\n[daemon]\n[queue]", ":3:"},
    {"[queue\nlimit = 1", ":1:"},
    {"[queue]\nlimit = ", ":2:"},
    {"[queue]\nlimit = 1 2", ":2:"},
    {"[daemon]\nuser = \"\xff\"", ":2:"},
    // types
    {"[queue]\nlimit = \"7\"", ":2:9: `queue.limit` must be a whole number, not a string"},
    {"[queue]\nlimit = 7.0", ":2:9: `queue.limit` must be a whole number, not a number with a fraction"},
    {"[queue]\nlimit = true", ":2:9: `queue.limit` must be a whole number, not true or false"},
    {"[queue]\nlimit = 1979-05-27", ":2:9: `queue.limit` must be a whole number, not a date or time"},
    {"[queue]\nkeep_finished = 30",
     ":2:17: `queue.keep_finished` must be a time span in quotes such as \"5s\""},
    {"[daemon]\nuser = [\"a\"]", ":2:8: `daemon.user` must be a string, not an array"},
    {"[transfer]\nschemes = \"http\"", ":2:11: `transfer.schemes` must be an array of strings, not a string"},
    {"[transfer]\nschemes = [\"http\",\n 5]", ":3:2: `transfer.schemes`, element 2, must be a string"},
    {"[worker]\nmemory = 1.5", ":2:10: `worker.memory` must be a size"},
    // ranges
    {"[queue]\nlimit = 0", ":2:9: `queue.limit` must be 1 to 1000000, not 0"},
    {"[queue]\nlimit = -1", ":2:9: `queue.limit` must be 1 to 1000000, not -1"},
    {"[queue]\nlimit = 4294967297", ":2:9: `queue.limit` must be 1 to 1000000, not 4294967297"},
    {"[queue]\nlimit = 99999999999999999999", ":2:"},
    {"[queue]\nactive = 1001", "`queue.active` must be 1 to 1000"},
    {"[queue]\nactive_per_host = 0", "`queue.active_per_host` must be 1 to 1000"},
    {"[queue]\nactive_per_user = 1001", "`queue.active_per_user` must be 0 to 1000"},
    {"[queue]\nlimit_per_user = 0", "`queue.limit_per_user` must be 1 to 1000000"},
    {"[user.root]\nlimit = 0", ":2:9: `user.root.limit` must be 1 to 1000000, not 0"},
    {"[user.root]\nlimmit = 1", ":2:1: there is no key `user.root.limmit`; did you mean `limit`?"},
    {"[user.nobody-has-this-name]",
     "`user.nobody-has-this-name` is no user of this machine, or group after an @"},
    {"[user.\"@nobody-has-this-name\"]", "`user.@nobody-has-this-name` is no user of this machine"},
    {"[user]\nlimit = 1", "`user.limit` must be a table"},
    {"[queue]\nkeep_finished_count = 1000001", "`queue.keep_finished_count` must be 0 to 1000000"},
    {"[queue]\nkeep_finished = \"3651d\"", "`queue.keep_finished` must be 0s to 3650d"},
    {"[retry]\ntries = 0", "`retry.tries` must be 1 to 1000"},
    {"[retry]\nfirst_delay = \"0\"", "`retry.first_delay` must be 1ms to 1d"},
    {"[retry]\nfirst_delay = \"11min\"",
     ":2:15: `retry.first_delay` makes first_delay longer than max_delay"},
    {"[retry]\nmax_delay = \"10ms\"", ":2:13: `retry.max_delay` makes first_delay longer than max_delay"},
    {"[retry]\nfirst_contact_timeout = \"0\"", "`retry.first_contact_timeout` must be 100ms to 365d"},
    {"[retry]\nno_progress_timeout = \"1ms\"", "`retry.no_progress_timeout` must be 100ms to 3650d"},
    {"[transfer]\nthreads = 65", "`transfer.threads` must be 1 to 64"},
    {"[transfer]\nthreads = 0", "`transfer.threads` must be 1 to 64"},
    {"[transfer]\nconnect_timeout = \"2h\"", "`transfer.connect_timeout` must be 100ms to 3600s"},
    {"[transfer]\nstall_timeout = \"0\"", "`transfer.stall_timeout` must be 100ms to 1d"},
    {"[transfer]\nmax_redirects = 101", "`transfer.max_redirects` must be 0 to 100"},
    {"[transfer]\nmax_size = -1", "`transfer.max_size` is not a size"},
    {"[transfer]\nfirst_byte_timeout = \"0\"", "`transfer.first_byte_timeout` must be 100ms to 1d"},
    {"[transfer]\nmin_free = \"5%\"", "`transfer.min_free` is not a size"},
    {"[origins]\nallow = [\"10.0.0.0/33\"]", "`origins.allow`, element 1, is not a network such as"},
    {"[origins]\ndeny = [\"http://x/\"]", "`origins.deny`, element 1, is not a network such as"},
    {"[origins]\ndeny = [\"a b\"]",
     "`origins.deny`, element 1, must be a network, an address, a host or a domain"},
    {"[worker]\nlimit = 257", "`worker.limit` must be 1 to 256"},
    {"[worker]\nmemory = \"1M\"", "`worker.memory` must be 0, which means no limit, or 128M to 1T"},
    {"[worker]\nmemory = \"127M\"", "`worker.memory` must be 0, which means no limit, or 128M to 1T"},
    {"[worker]\nopen_files = 31", "`worker.open_files` must be 32 to 4096"},
    {"[worker]\nsilence = \"1s\"", "`worker.silence` must be 2s to 3600s"},
    {"[worker]\nsandbox = \"always\"", "must be one of auto, require, not `always`"},
    {"[daemon]\nheartbeat = \"99ms\"",
     "`daemon.heartbeat` must be \"0\", which turns it off, or 100ms to 1d"},
    {"[daemon]\nheartbeat = \"2d\"", "`daemon.heartbeat` must be 0s to 1d"},
    // spans and sizes
    {"[daemon]\nheartbeat = \"5 parsecs\"", ":2:13: `daemon.heartbeat` is not a time span"},
    {"[daemon]\nheartbeat = \"\"", ":2:13: `daemon.heartbeat` is not a time span"},
    {"[daemon]\nheartbeat = \"-5s\"", ":2:13: `daemon.heartbeat` is not a time span"},
    {"[worker]\nmemory = \"512MB\"", ":2:10: `worker.memory` is not a size"},
    // words, names, paths, URLs
    {"[daemon]\nlog_level = \"warnin\"",
     "must be one of debug, info, warning, error, not `warnin`; did you mean `warning`?"},
    {"[transfer]\nexecutor = \"threads\"",
     "must be one of auto, thread, process, not `threads`; did you mean `thread`?"},
    {"[transfer]\nschemes = []", "`transfer.schemes` must name at least one scheme"},
    {"[transfer]\nschemes = [\"http\", \"htpps\"]",
     ":2:20: `transfer.schemes`, element 2, must be one of http, https, ftp, ftps; did you mean `https`?"},
    {"[transfer]\nschemes = [\"sim\"]", "element 1, must be one of"},
    {"[transfer]\nschemes = [\"file\"]", "element 1, must not be file: file_roots allows it"},
    {"[transfer]\nfile_roots = [\"srv\"]",
     ":2:15: `transfer.file_roots`, element 1, must be an absolute path"},
    {"[transfer]\nproxy = \"proxy:3128\"", "`transfer.proxy` must be empty or a URL"},
    {"[transfer]\nproxy = \"gopher://proxy\"", "`transfer.proxy` must be empty or a URL"},
    {"[transfer]\nproxy = \"http://\"", "`transfer.proxy` names no host"},
    {"[transfer]\nno_proxy = [\"a,b\"]", "element 1, must be a host name"},
    {"[transfer]\nca_file = \"ca.pem\"", "`transfer.ca_file` must be empty or an absolute path"},
    {"[transfer]\nuser_agent = \"\"", "`transfer.user_agent` must be 1 to 256 bytes long"},
    {"[transfer]\nuser_agent = \"a\\r\\nCookie: b\"",
     ":2:14: `transfer.user_agent` holds a control character"},
    {"[daemon]\nuser = \"\"", "`daemon.user` is not a name of a user or group"},
    {"[daemon]\nsocket_group = \"a:b\"", "`daemon.socket_group` is not a name of a user or group"},
    {"[daemon]\nstate_directory = \"var/lib\"", "`daemon.state_directory` must be an absolute path"},
    {"[catalog]\nfolders = [\"/ok\", \"no\"]",
     ":2:19: `catalog.folders`, element 2, must be an absolute path"},
};

}  // namespace

TEST_CASE("each mistake in a configuration is refused with its place and what to write instead") {
  const test::TemporaryFolder folder;
  for (const auto& [text, error] : k_mistakes) {
    INFO(text);
    check_refused(folder.write("concd.toml", text), error);
  }
}

TEST_CASE("a runtime folder that is too long for the socket's name is refused") {
  const test::TemporaryFolder folder;
  const auto with = [&](std::size_t length) {
    return folder.write("concd.toml",
                        "[daemon]\nruntime_directory = \"/" + std::string(length - 1, 'x') + "\"");
  };
  CHECK_NOTHROW(config::load(with(96)));
  check_refused(with(97), "must be at most 96 bytes long");
}

TEST_CASE("a mistake in a drop-in names the drop-in") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", "");
  const auto drop_in = folder.write("concd.toml.d/a.toml", "[queue]\nlimit = 0");
  CHECK_THROWS_WITH(config::load(file), Catch::Matchers::StartsWith(drop_in.string() + ":2:9:"));
}

TEST_CASE("a missing file is an error unless it is the default one") {
  const test::TemporaryFolder folder;
  check_refused(folder.path() / "missing.toml", "cannot be read: No such file");
}

TEST_CASE("what is not a regular file is refused and not waited for") {
  const test::TemporaryFolder folder;
  const auto fifo = folder.path() / "fifo.toml";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  check_refused(fifo, "is not a regular file");
  fs::create_directory(folder.path() / "folder.toml");
  check_refused(folder.path() / "folder.toml", "is not a regular file");
  fs::create_symlink("/dev/zero", folder.path() / "zero.toml");
  check_refused(folder.path() / "zero.toml", "is not a regular file");
}

TEST_CASE("a file larger than a mebibyte is refused") {
  const test::TemporaryFolder folder;
  check_refused(folder.write("concd.toml", std::string((1 << 20) + 1, '#')), "has more than 1 MiB; split it");
}

TEST_CASE("a file that others may write is refused") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", "");
  for (const mode_t mode : {0664, 0646, 0666}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    check_refused(file, "can be written by others than its owner");
  }
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  CHECK_NOTHROW(config::load(file));
}

TEST_CASE("a link to a file that others may write is refused") {
  const test::TemporaryFolder folder;
  const auto target = folder.write("target", "");
  REQUIRE(::chmod(target.c_str(), 0666) == 0);
  fs::create_symlink(target, folder.path() / "concd.toml");
  check_refused(folder.path() / "concd.toml", "can be written by others than its owner");
}

TEST_CASE("a folder that others may write is refused") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", "");
  folder.write("concd.toml.d/a.toml", "");
  const auto drop_ins = folder.path() / "concd.toml.d";
  REQUIRE(::chmod(drop_ins.c_str(), 0777) == 0);
  CHECK_THROWS_WITH(config::load(file), Catch::Matchers::StartsWith(drop_ins.string() + ": can be written"));
  REQUIRE(::chmod(drop_ins.c_str(), 0755) == 0);
  CHECK_NOTHROW(config::load(file));
  REQUIRE(::chmod(folder.path().c_str(), 0770) == 0);
  CHECK_THROWS_WITH(config::load(file),
                    Catch::Matchers::StartsWith(folder.path().string() + ": can be written"));
}

TEST_CASE("what its reader wrote counts only where that was named on the command line") {
  if (::getuid() != 0) return;  // only root can give a file away
  const test::TemporaryFolder folder;
  const auto file = folder.write("own/concd.toml", "");
  for (const auto& path : {folder.path(), file.parent_path(), file}) {
    REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  }
  CHECK(config::trust_in(config::k_default_file) == toml::Trust::root);
  CHECK(config::trust_in(file) == toml::Trust::root_or_caller);
  const auto load_as_reader = [](const std::filesystem::path& path, toml::Trust trust) {
    const auto child = ::fork();
    if (child == 0) {
      if (::setresuid(12345, 12345, 12345) != 0) ::_exit(99);
      try {
        (void)toml::Document::load(path, trust);
        (void)toml::drop_in_files({path.parent_path()}, trust);
      } catch (const toml::ConfigError&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  CHECK(load_as_reader(file, toml::Trust::root_or_caller) == 0);
  CHECK(load_as_reader(file, toml::Trust::root) == 1);
  // Root's file in the service's folder could be another one tomorrow, and the other way round.
  REQUIRE(::chown(file.c_str(), 0, 0) == 0);
  CHECK(load_as_reader(file, toml::Trust::root) == 1);
  REQUIRE(::chown(file.parent_path().c_str(), 0, 0) == 0);
  REQUIRE(::chmod(file.parent_path().c_str(), 0755) == 0);
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  CHECK(load_as_reader(file, toml::Trust::root) == 0);
  REQUIRE(::chown(file.c_str(), 12345, 0) == 0);
  CHECK(load_as_reader(file, toml::Trust::root) == 1);
}

TEST_CASE("a file of another user is refused") {
  if (::getuid() != 0) return;  // only root can give a file away
  const test::TemporaryFolder folder;
  const auto file = folder.write("concd.toml", "");
  REQUIRE(::chown(file.c_str(), 12345, 0) == 0);
  check_refused(file, "belongs to user 12345");
}
