#include "control/io_concd.hpp"

#include "control/handlers/verbs.hpp"

namespace concd::control {

MethodTable io_concd_methods(Backend& backend) {
  MethodTable methods(protocol::k_concd_info);
  methods.add_interface(protocol::k_io_concd);
  methods.add("io.concd.Download", handlers::download(backend));
  methods.add("io.concd.Wait", handlers::wait(backend));
  methods.add("io.concd.List", handlers::list(backend));
  methods.add("io.concd.Get", handlers::get(backend));
  methods.add("io.concd.Cancel", handlers::cancel(backend));
  methods.add("io.concd.Pause", handlers::pause(backend));
  methods.add("io.concd.Resume", handlers::resume(backend));
  methods.add("io.concd.Retry", handlers::retry(backend));
  methods.add("io.concd.Status", handlers::status(backend));
  methods.add("io.concd.Catalog", handlers::catalog(backend));
  methods.add("io.concd.Monitor", handlers::monitor());
  methods.add("io.concd.OpenResult", handlers::open_result(backend));
  methods.add("io.concd.Release", handlers::release(backend));
  return methods;
}

}  // namespace concd::control
