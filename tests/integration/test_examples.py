"""client/examples: the same small program in several languages, each run against the daemon."""

import hashlib
import pathlib
import shutil
import subprocess
import unittest

from tests.integration.case import OK, DaemonCase
from tests.support import go
from tests.support.account import programs
from tests.support.daemon import ENVIRONMENT

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "client/examples"


class Example:
    """What each of them does. Subclasses are DaemonCases and make `program` in `folder`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.daemon.folder / "example"
        cls.folder.mkdir()
        cls.program = cls.build()

    @classmethod
    def copied(cls, name):
        """Of a script: where the caller's account may read it."""
        return shutil.copy(EXAMPLES / name, cls.folder)

    def run_example(self, *arguments, socket=None):
        """(exit status, stdout, stderr); stdout is bytes."""
        environment = {**ENVIRONMENT, "CONCD_SOCKET": str(socket or self.daemon.socket),
                       "PATH": f"{programs() / 'client'}:{ENVIRONMENT['PATH']}"}
        done = subprocess.run([self.program, *arguments], env=environment, cwd=self.home, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, **self.daemon.account.options())
        return done.returncode, done.stdout, done.stderr.decode()

    def test_the_file_of_a_url_comes_whole(self):
        url = self.url(300_000, name="released.bin")
        code, stdout, stderr = self.run_example(url)
        self.assertEqual((code, stderr), (OK, ""))
        self.assertEqual(hashlib.sha256(stdout).hexdigest(), self.digest(300_000))
        [job] = [job for job in self.daemon.call("List", finished=True)["jobs"] if "released.bin" in job["source"]]
        self.assertTrue(job["released"], "the daemon need not keep its copy")

    def test_the_file_of_a_name_comes_whole(self):
        code, stdout, stderr = self.run_example("Archivo1.txt")
        self.assertEqual((code, stderr), (OK, ""))
        self.assertEqual(stdout, (self.daemon.library / "Archivo1.txt").read_bytes())

    def test_a_job_that_fails_is_told_and_is_a_failure(self):
        code, stdout, stderr = self.run_example(self.url(status=404))
        self.assertNotEqual(code, OK)
        self.assertEqual(stdout, b"")
        self.assertIn("404", stderr)

    def test_a_name_that_nobody_knows_is_told_and_is_a_failure(self):
        code, stdout, stderr = self.run_example("Archivo9.txt")
        self.assertNotEqual(code, OK)
        self.assertEqual(stdout, b"")
        self.assertNotEqual(stderr, "")
        self.assertNotIn("Traceback", stderr)

    def test_without_a_daemon_it_fails_with_a_message(self):
        code, stdout, stderr = self.run_example(self.url(), socket=self.home / "nobody")
        self.assertNotEqual(code, OK)
        self.assertEqual(stdout, b"")
        self.assertNotEqual(stderr, "")
        self.assertNotIn("Traceback", stderr)


class Shell(Example, DaemonCase):
    @classmethod
    def build(cls):
        return cls.copied("download.sh")


class Python(Example, DaemonCase):
    @classmethod
    def build(cls):
        return cls.copied("download.py")


class Go(Example, DaemonCase):
    @classmethod
    def build(cls):
        return go.build(EXAMPLES / "download.go", cls.folder)


class C(Example, DaemonCase):
    @classmethod
    def setUpClass(cls):
        # Debian 12 has no sd-varlink: there is nothing to test, on any machine.
        if subprocess.run(["pkg-config", "--atleast-version=257", "libsystemd"], check=False).returncode != 0:
            raise unittest.SkipTest("libsystemd before 257 has no sd-varlink")
        super().setUpClass()

    @classmethod
    def build(cls):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libsystemd"], check=True, capture_output=True,
                               text=True).stdout.split()
        program = cls.folder / "download"
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", program, EXAMPLES / "download.c", *flags], check=True)
        return program


if __name__ == "__main__":
    unittest.main()
