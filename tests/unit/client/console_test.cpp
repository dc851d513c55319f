#include "client/output/console.hpp"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "util/file.hpp"

using namespace concd;
using namespace concd::client;

namespace {

/// A terminal of 40 columns and 10 rows, and what was written to it.
struct Terminal {
  UniqueFd screen, program;

  Terminal() {
    int screen_fd = -1, program_fd = -1;
    winsize size{10, 40, 0, 0};
    REQUIRE(::openpty(&screen_fd, &program_fd, nullptr, nullptr, &size) == 0);
    screen.reset(screen_fd);
    program.reset(program_fd);
  }
  std::string shown() {
    program.reset();
    std::string text(65536, '\0');
    std::size_t length = 0;
    for (ssize_t count = 0; (count = ::read(screen.get(), text.data() + length, text.size() - length)) > 0;)
      length += static_cast<std::size_t>(count);
    text.resize(length);
    return text;
  }
};

}  // namespace

TEST_CASE("on a terminal live lines are redrawn in place, below the lines that stay") {
  Terminal terminal;
  {
    Console console(terminal.program.get());
    CHECK(console.is_terminal());
    CHECK(console.size().columns == 40);
    CHECK(console.size().rows == 10);
    console.show({"bar 1", "bar 2"});
    console.say("stays");
    console.show({"bar 3"});
  }
  CHECK(terminal.shown() ==
        "bar 1\r\nbar 2\r\n"
        "\r\x1b[2A\x1b[Jstays\r\nbar 1\r\nbar 2\r\n"
        "\r\x1b[2A\x1b[J"
        "bar 3\r\n"
        "\r\x1b[1A\x1b[J");
}

TEST_CASE("without a terminal there are no live lines") {
  const test::TemporaryFolder folder;
  const auto path = folder.write("stderr", "");
  const auto file = open_file(path, O_WRONLY);
  {
    Console console(file.get());
    CHECK_FALSE(console.is_terminal());
    console.show({"bar"});
    console.say("stays");
  }
  CHECK(read_text(path) == "stays\n");
}
