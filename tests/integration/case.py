"""What the tests of the running daemon share: one daemon and one origin a class, a folder a test."""

import hashlib
import pathlib
import time
import unittest

from tests.support import folder, origin_content
from tests.support.daemon import LESSON, Daemon
from tests.support.deadline import DEFAULT
from tests.support.origin import Origin

# The exit codes of concctl.
OK, OTHER, USAGE, FILE, NETWORK, TLS, AUTHENTICATION, SERVER = 0, 1, 2, 3, 4, 5, 6, 8
VERIFICATION, NO_DAEMON, CANCELLED, NOT_PERMITTED, QUEUE_FULL, LIMIT, TIMEOUT, INTERRUPTED = 10, 11, 12, 13, 14, 15, 124, 130


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class DaemonCase(unittest.TestCase):
    """Subclasses set `config` and `catalog`, and `environment`, what the daemon's has besides."""

    config = None
    environment = None
    catalog = LESSON

    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.close)
        cls.daemon = Daemon(cls.config, cls.catalog)
        cls.addClassCleanup(cls.daemon.close)
        cls.prepare()
        cls.daemon.start(cls.environment)

    @classmethod
    def prepare(cls):
        """Before the daemon starts."""

    def setUp(self):
        self.home = self.daemon.home / self._testMethodName
        self.home.mkdir()
        self.daemon.account.own(self.home)

    def url(self, size=100_000, name="file.bin", **keys):
        """A URL that no other test uses."""
        return self.origin.url(f"/file/{size}/{name}", **{"seed": self.id(), **keys})

    def digest(self, size=100_000, version=0, seed=None):
        return origin_content.digest(size, seed or self.id(), version)

    def concctl(self, *arguments, **options):
        return self.daemon.concctl(*arguments, **{"cwd": self.home, **options})

    def popen(self, *arguments, **options):
        return self.daemon.popen(*arguments, **{"cwd": self.home, **options})

    def assert_code(self, code, finished):
        self.assertEqual(finished.code, code, finished)
        return finished

    def assert_delivered(self, finished, size=100_000, version=0, seed=None):
        """concctl ended well and printed the path of the right file; returns that path."""
        self.assert_code(OK, finished)
        path = pathlib.Path(finished.stdout.strip())
        self.assertEqual(path.stat().st_size, size)
        self.assertEqual(sha256(path), self.digest(size, version, seed))
        return path

    def ask_until(self, condition, what):
        """Asks the daemon for its status until the condition holds."""
        end = time.monotonic() + DEFAULT
        while not condition():
            self.daemon.call("Status")
            self.assertLess(time.monotonic(), end, what)

    def result(self, job):
        """The path of an ended job's file in the daemon's own folder."""
        return pathlib.Path(self.daemon.job(job)["path"])

    def assert_nothing_left(self, job):
        """Neither a partial nor a result of the job stays; it may take a moment after a cancel or a release."""
        transfer = str(self.daemon.job(job)["transfer"])
        for name in ("partial", "results"):
            folder.wait_until(self.daemon.state / name, lambda names: transfer not in [n.split(".")[0] for n in names],
                              f"something of job {job} is left in {name}")
