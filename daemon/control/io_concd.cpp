#include "control/io_concd.hpp"

namespace concd::control {

namespace handlers {

using Handle = void(Backend& backend, const CallPtr& call);
/// Each in the file of its name.
Handle cancel, catalog, download, get, list, monitor, open_result, pause, priority, release, resume, retry,
    status, wait;

}  // namespace handlers

namespace {

struct VerbRow {
  const char* method;
  handlers::Handle* handle;
  CallOrder order = CallOrder::in_turn;
};

/// The verbs of concd. A new one is a row here, a declaration above and a file in handlers/.
constexpr VerbRow k_verbs[]{
    {"io.concd.Cancel", handlers::cancel},
    {"io.concd.Catalog", handlers::catalog},
    {"io.concd.Download", handlers::download, CallOrder::overlaps},
    {"io.concd.Get", handlers::get},
    {"io.concd.List", handlers::list},
    {"io.concd.Monitor", handlers::monitor},
    {"io.concd.OpenResult", handlers::open_result},
    {"io.concd.Pause", handlers::pause},
    {"io.concd.Priority", handlers::priority},
    {"io.concd.Release", handlers::release},
    {"io.concd.Resume", handlers::resume},
    {"io.concd.Retry", handlers::retry},
    {"io.concd.Status", handlers::status},
    {"io.concd.Wait", handlers::wait},
};

}  // namespace

MethodTable io_concd_methods(Backend& backend) {
  MethodTable methods(protocol::k_concd_info);
  methods.add_interface(protocol::k_io_concd);
  for (const auto& verb : k_verbs)
    methods.add(
        verb.method, [&backend, handle = verb.handle](const CallPtr& call) { handle(backend, call); },
        verb.order);
  return methods;
}

}  // namespace concd::control
