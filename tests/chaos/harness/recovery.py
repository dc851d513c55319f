"""A daemon that finds a folder as a power loss left it."""

import os
import shutil

from tests.chaos.harness.options import Failure
from tests.chaos.harness.replay import tree
from tests.support import folder
from tests.support.daemon import Daemon
from tests.support.deadline import Expired
from tests.support.varlink import Error

# Nothing is given up because of what an origin did in the recorded run.
CONFIG = {"retry": {"first_delay": "10ms", "max_delay": "50ms", "tries": 20, "first_contact_timeout": "60s"}}


class Recovery:
    """Starts the daemon on one state after the other; for one thread."""

    def __init__(self, stage, config):
        self.stage = stage
        self.daemon = Daemon(config, stage.catalog())
        self.root = self.daemon._make("root")
        self.daemon.state = self.root / "state"
        self.daemon.library = self.daemon.state / "library"
        self.daemon.configure({"daemon": {"state_directory": self.daemon.state}})

    def close(self):
        self.daemon.close()

    def check(self, found, promises):
        """Raises when the tree breaks a promise, or the daemon that is started on it does."""
        promises.check_library(found, self.stage.contents)
        shutil.rmtree(self.root)
        self.daemon._make("root")
        found.write(self.root, self.daemon.account.own)
        try:
            self.daemon.start()
            self._check_running(promises)
            code = self.daemon.stop()
            if code != 0:
                raise Failure(f"concd ended with {code}:\n{self.daemon.logs[-1].text()}")
        except (Expired, Error, OSError) as error:
            raise Failure(f"{type(error).__name__}: {error}{self._log()}") from error
        except Failure as failure:
            raise Failure(f"{failure}{self._log()}") from failure
        finally:
            if self.daemon.process is not None:
                self.daemon.kill()
            self.daemon.logs.clear()

    def _log(self):
        return "\n" + self.daemon.log.text() if self.daemon.log else ""

    def _check_running(self, promises):
        jobs = self._jobs()
        promises.check_states(jobs)
        for id, job in jobs.items():
            if job["state"] == "paused":
                self.daemon.call("Resume", id=id)
        unfinished = [id for id, job in jobs.items() if job["state"] not in ("done", "failed", "cancelled")]
        if unfinished:
            self.daemon.wait(*unfinished)
        jobs = self._jobs()
        promises.check_ends(jobs, lambda job: self.stage.source_of(job) in self.stage.failing)
        wait_for_clean_up(self.daemon.state, jobs)
        promises.check_files(tree.read(self.root), jobs, self.stage.contents, self.stage.source_of)

    def _jobs(self):
        return {job["id"]: job for job in self.daemon.call("List", finished=True)["jobs"]}


def wait_for_clean_up(state, jobs):
    """Files that nobody needs go after the answers that make them so."""
    held = {str(job["transfer"]) for job in jobs.values()
            if job["state"] == "done" and not job.get("name") and not job["released"]}
    for name in ("partial", "trash"):
        _wait_for_folder(state / name, lambda names: not names)
    _wait_for_folder(state / "results", lambda names: set(names) <= held)


def _wait_for_folder(path, as_it_should_be):
    if not as_it_should_be(os.listdir(path)):  # to watch takes longer than to look
        folder.wait_until(path, as_it_should_be, f"something is left in {path.name}")
