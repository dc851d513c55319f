"""What the subjects that are lists of tests share: one fault a test, and jobs that finish once it has passed."""

import os
import random
import sys
import time
import unittest

from tests.chaos.harness import options
from tests.integration.case import sha256
from tests.support import mounts, origin_content
from tests.support.daemon import Daemon
from tests.support.deadline import DEFAULT, Expired
from tests.support.origin import Origin

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
ATTEMPTS = 6  # more than a job has tries for what is its origin's fault
SHORT = {"retry": {"first_delay": "20ms", "max_delay": "200ms", "tries": 4, "first_contact_timeout": "1s"}}


def until(true, what, timeout=DEFAULT):
    """For what has no event: looks again and again; the first true value, or Expired."""
    end = time.monotonic() + timeout
    while not (value := true()):
        if time.monotonic() > end:
            raise Expired(f"waited {timeout:.0f} s in vain for {what}")
        time.sleep(0.02)
    return value


class FaultCase(unittest.TestCase):
    """A test has an origin, and daemons that end with it. `random` follows from the seed."""

    seed = 0
    private = False  # whether mounts may be made

    def setUp(self):
        self.random = random.Random(f"{self.seed}/{self.id()}")
        self.daemons = []
        self.origin = Origin()
        self.addCleanup(self.origin.close)

    def need_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")

    def need_mounts(self):
        if not self.private:
            self.skipTest("needs a mount namespace, which only root can make")

    def make(self, config=None, catalog=""):
        """A daemon that is not started yet."""
        daemon = Daemon({**SHORT, **(config or {})}, catalog)
        self.addCleanup(daemon.close)
        self.daemons.append(daemon)
        return daemon

    def url(self, size, seed, **keys):
        return self.origin.url(f"/file/{size}/file.bin", seed=f"{self._testMethodName}-{seed}", **keys)

    def check_done(self, daemon, jobs, version=0, timeout=60):
        """Waits for jobs, given as {id: (size, seed)}, and for their right files."""
        with daemon.client(timeout) as client:
            ended = {job["id"]: job for job in client.call("Wait", ids=sorted(jobs))["jobs"]}
        for id, (size, seed) in jobs.items():
            self.check_file(ended[id], size, seed, version)

    def check_file(self, job, size, seed, version=0):
        self.assertEqual(job["state"], "done", job)
        wanted = origin_content.digest(size, f"{self._testMethodName}-{seed}", version)
        self.assertEqual(sha256(job["path"]), wanted, job)

    def wait_attempts(self, daemon, jobs, count=ATTEMPTS):
        for job in jobs:
            until(lambda: daemon.job(job)["attempts"] > count, f"{count} attempts of job {job}")

    def load(self, daemon, count, prefix="", executors=("thread", "thread", "thread", "process"), size=20_000, **keys):
        """Hands over that many small jobs; {id: (size, seed)}."""
        jobs = {}
        for index in range(count):
            seed = f"{prefix}{index}"
            executor = executors[index % len(executors)]
            jobs[daemon.download(self.url(size, seed, **keys), executor=executor)] = (size, seed)
        return jobs


class Result(unittest.TextTestResult):
    """With what the daemons of a test that failed have said."""

    def addError(self, test, err):
        super().addError(test, err)
        self._tell(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._tell(test)

    def _tell(self, test):
        for daemon in getattr(test, "daemons", []):
            for log in daemon.logs:
                self.stream.writeln(log.text())


def run(module, description, words):
    """The exit status of a subject: its tests, --rounds times."""
    def more(parser):
        parser.add_argument("--test", default="", metavar="TEXT", help="only the tests with that in their names")
    chosen = options.parse(description, words, rounds=1, more=more)
    try:
        mounts.become_private()
        FaultCase.private = True
    except mounts.NotPermitted as reason:
        print(reason)
    skipped = False
    for turn in range(chosen.rounds):
        FaultCase.seed = f"{chosen.seed}-{turn}"
        loader = unittest.TestLoader()
        loader.testNamePatterns = [f"*{chosen.test}*"] if chosen.test else None
        tests = loader.loadTestsFromModule(sys.modules[module])
        result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(tests)
        if not result.wasSuccessful() or result.testsRun == 0:
            print(f"failed in round {turn} with --seed {chosen.seed}")
            return 1
        skipped = skipped or bool(result.skipped)
    if skipped:
        return 1 if os.environ.get("CONCD_NO_SKIP") == "1" else SKIPPED
    return 0
