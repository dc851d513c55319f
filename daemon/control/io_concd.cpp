#include "control/io_concd.hpp"

namespace concd::control {

namespace handlers {

using Handle = void(Backend& backend, const CallPtr& call);
/// Each in the file of its name.
Handle attach, cancel, catalog, download, get, list, monitor, open_result, pause, priority, release, resume,
    retry, status, wait;

}  // namespace handlers

namespace {

struct VerbRow {
  const char* method;
  handlers::Handle* handle;
  CallEffect effect = CallEffect::changes;
  CallOrder order = CallOrder::in_turn;
};

/// The verbs of concd. A new one is a row here, a declaration above and a file in handlers/.
constexpr VerbRow k_verbs[]{
    {"io.concd.Attach", handlers::attach},
    {"io.concd.Cancel", handlers::cancel},
    {"io.concd.Catalog", handlers::catalog, CallEffect::reads},
    {"io.concd.Download", handlers::download, CallEffect::changes, CallOrder::overlaps},
    {"io.concd.Get", handlers::get, CallEffect::reads},
    {"io.concd.List", handlers::list, CallEffect::reads},
    {"io.concd.Monitor", handlers::monitor, CallEffect::reads},
    {"io.concd.OpenResult", handlers::open_result, CallEffect::reads},
    {"io.concd.Pause", handlers::pause},
    {"io.concd.Priority", handlers::priority},
    {"io.concd.Release", handlers::release},
    {"io.concd.Resume", handlers::resume},
    {"io.concd.Retry", handlers::retry},
    {"io.concd.Status", handlers::status, CallEffect::reads},
    {"io.concd.Wait", handlers::wait, CallEffect::reads},
};

}  // namespace

MethodTable io_concd_methods(Backend& backend) {
  MethodTable methods(protocol::k_concd_info);
  methods.add_interface(protocol::k_io_concd);
  for (const auto& verb : k_verbs)
    methods.add(verb.method,
                {[&backend, handle = verb.handle](const CallPtr& call) { handle(backend, call); }, verb.order,
                 verb.effect});
  return methods;
}

}  // namespace concd::control
