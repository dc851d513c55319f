"""The example that Debian 12 cannot build: C with sd-varlink, against the service of Debian 13."""

import unittest

from tests.support.debian_tree import SOURCE
from tests.system.case import MEMBER, SystemTest

PROGRAM = "/usr/local/bin/download"


class Examples(SystemTest):
    @classmethod
    def setUpClass(cls):
        if cls.machine.suite == "bookworm":
            # There is nothing to test, on any machine.
            raise unittest.SkipTest("systemd 252 has no sd-varlink")
        tree = cls.machine.tree
        tree.run_in(tree.builder, "cc -Wall -Wextra -Werror -o /out/download /src/client/examples/download.c"
                                  " $(pkg-config --cflags --libs libsystemd)",
                    f"--bind-ro={SOURCE}:/src", f"--bind={cls.machine.root}/usr/local/bin:/out")
        cls.addClassCleanup((cls.machine.root / PROGRAM.lstrip("/")).unlink)

    def test_a_file_comes_whole(self):
        text = self.machine.run([PROGRAM, "Archivo1.txt"], user=MEMBER)
        self.assertEqual(text, self.machine.run("cat /var/lib/concd/library/Archivo1.txt"))

    def test_an_error_is_a_failure(self):
        done = self.machine.execute([PROGRAM, "Archivo9.txt"], user=MEMBER)
        self.assertEqual(done.returncode, 1)
        self.assertIn("io.concd.UnknownName", done.stderr)
