#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "client/command_line.hpp"
#include "client/connection.hpp"
#include "client/output/console.hpp"
#include "job/view.hpp"
#include "util/clock.hpp"

namespace concd::client {

/// What every verb works with. Borrows all.
struct Context {
  const Arguments& arguments;
  Console& console;
  const Clock& clock;
};

/// Says what went wrong: "concctl: TEXT".
void complain(const Context& context, const std::string& text);

/// Says why a file cannot be written where it is wanted, "PATH: WHY"; returns the exit code.
int complain_of_place(const Context& context, const std::string& what);

// What the calls throw: CannotConnect, ConnectionLost, BadReply and std::system_error.

/// Calls a method without blocking the reader: the parameters of its reply go to `use`. Returns the exit
/// code.
int ask_and(const Context& context, std::string_view method, const nlohmann::json& parameters,
            const std::function<void(const nlohmann::json&)>& use);

/// Makes the parameters of a call about one job.
using EncodeCall = std::function<nlohmann::json(job::Id)>;
/// A job that was replied, and its JSON.
using UseJob = std::function<void(const job::View&, const nlohmann::json&)>;

/// Calls `method` for each job of the command line. Returns the exit code of the first that was refused.
int for_each_job(const Context& context, std::string_view method, const EncodeCall& encode,
                 const UseJob& use);

/// for_each_job for methods that take an id only and change the job: calls `changed`, if it is given, and
/// says how each stands now.
int change_each_job(const Context& context, std::string_view method,
                    const std::function<void(const job::View&)>& changed = {});

/// Says of a job that was changed how it stands now.
void tell_change(const Context& context, const job::View& job, const nlohmann::json& raw,
                 const std::string& standing);

}  // namespace concd::client
