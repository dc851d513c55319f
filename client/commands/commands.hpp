#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "client/command_line.hpp"
#include "client/connection.hpp"
#include "client/output/console.hpp"
#include "job/job.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// What every verb works with. Borrows all.
struct Context {
  const Arguments& arguments;
  Console& console;
  const Clock& clock;
};

// The verbs of concctl(1), one file each. Each returns the exit code and throws CannotConnect,
// ConnectionLost, BadReply and std::system_error.
int download(const Context& context);
int wait(const Context& context);
int list(const Context& context);
int show(const Context& context);
int cancel(const Context& context);
int pause(const Context& context);
int resume(const Context& context);
int retry(const Context& context);
int status(const Context& context);
int catalog(const Context& context);
int monitor(const Context& context);
int version(const Context& context);

/// Says what went wrong: "concctl: TEXT".
void complain(const Context& context, const std::string& text);

/// Says why a file cannot be written where it is wanted, "PATH: WHY"; returns the exit code.
int complain_of_place(const Context& context, const std::string& what);

/// Calls a method without blocking the reader: the parameters of its reply go to `use`. Returns the exit
/// code.
int ask_and(const Context& context, std::string_view method, const nlohmann::json& parameters,
            const std::function<void(const nlohmann::json&)>& use);

/// Calls `method` for each job of the command line; `use` gets each job and its JSON. Returns the exit code
/// of the first that was refused.
int for_each_job(const Context& context, std::string_view method,
                 const std::function<void(const job::Job&, const nlohmann::json&)>& use);

/// for_each_job for verbs that change jobs: says how each stands now.
int change_each_job(const Context& context, std::string_view method);

}  // namespace concd::client
