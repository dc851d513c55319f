#include "util/no_core_dump.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "util/errno_error.hpp"

namespace concd {

void forbid_core_dumps() {
  const rlimit none{0, 0};
  check_errno(::setrlimit(RLIMIT_CORE, &none), "setrlimit RLIMIT_CORE");
  check_errno(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl PR_SET_DUMPABLE");
}

}  // namespace concd
