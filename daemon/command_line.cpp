#include "command_line.hpp"

#include <iostream>

#include <CLI/CLI.hpp>
#include <sysexits.h>

namespace concd {

std::variant<CommandLine, int> parse_command_line(int argc, char** argv) {
  CommandLine options;
  CLI::App app{"concd, the system download service. Without options it becomes a daemon."};
  app.add_option("-c,--config", options.config, "Configuration file, concd.toml(5)")->capture_default_str();
  app.add_flag("-f,--foreground", options.foreground, "Do not fork; log to standard error");
  app.add_flag("--check-config", options.check_config, "Check the configuration and the catalog, then exit");
  app.add_flag(
      "--recover", options.recover,
      "Put a new queue in the place of a damaged one, with all that can still be read of it, then exit");
  app.set_version_flag("-V,--version", "concd " CONCD_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : EX_USAGE;
  }
  options.config = std::filesystem::absolute(options.config);
  return options;
}

}  // namespace concd
