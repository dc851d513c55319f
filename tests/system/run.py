"""Boots one Debian with systemd, installs the package in it, and runs the tests: python3 -m tests.system.run SUITE

Ends with 77 where the machine cannot boot a Debian (CONCD_NO_SKIP=1: with 1). More arguments select tests by
a part of their names.
"""

import os
import signal
import sys
import unittest

from tests.support import debian_tree
from tests.support.booted import Machine
from tests.system import (case, test_access, test_binaries, test_examples, test_install, test_jobs, test_journal, test_purge,
                          test_service, test_socket, test_varlinkctl)

# In this order: the first makes the installation that the others use, the last removes it.
MODULES = (test_install, test_binaries, test_service, test_socket, test_journal, test_access, test_jobs, test_varlinkctl,
           test_examples, test_purge)
SKIPPED = 77


def tests_of(modules, words):
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{word}*" for word in words] or None
    return unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)


def main():
    suite, *words = sys.argv[1:]
    # Whoever ends this run, the machine goes down with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    machine = Machine(suite)
    try:
        try:
            debian_tree.check_machine()
            machine.boot()
        except debian_tree.CannotNest as reason:
            print(f"skipped: {reason}")
            return 1 if os.environ.get("CONCD_NO_SKIP") == "1" else SKIPPED
        package = machine.tree.package()
        print(f"the package is built and lintian finds nothing: {package}", flush=True)
        test_install.install(machine, package)
        case.SystemTest.machine = machine
        result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(tests_of(MODULES, words))
        return 0 if result.wasSuccessful() and result.testsRun > 0 else 1
    finally:
        machine.shut_down()


if __name__ == "__main__":
    sys.exit(main())
