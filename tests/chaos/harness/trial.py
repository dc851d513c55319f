"""A short life of the daemon with one call that fails, and what may come of it."""

import copy
import errno
import random
import signal
from dataclasses import dataclass

from tests.chaos.harness import recovery, steps
from tests.chaos.harness.options import Failure
from tests.chaos.harness.promises import ENDED, Promises
from tests.chaos.harness.replay import tree
from tests.chaos.harness.replay.log import Kind
from tests.chaos.harness.replay.states import crash_states
from tests.chaos.harness.watched import SHORT, WatchedDaemon, error_name
from tests.support.deadline import Expired
from tests.support.origin import Origin
from tests.support.varlink import Error


def plain(stage):
    named = stage.name("named", 40_000, digest=True)
    return [("get", named, {}), ("get", stage.url("small", 700), {}), ("release",)]


def continued(stage):
    return [("get", stage.url("large", 1_300_000, cut=800_000, times=1), {})]


def changed(stage):
    return [("get", stage.name("changed", 200_000, versions=2, cut=120_000, times=1, change=1), {})]


def renewed(stage):
    name = stage.name("renewed", 50_000, versions=2, change=1)
    return [("get", name, {}), ("get", name, {})]


def worker(stage):
    return [("get", stage.url("worker", 200_000, cut=150_000, times=1), {"executor": "process"}), ("release",)]


def unpacked(stage):
    name = stage.archive("archive", 2)
    return [("get", name, {}), ("replace", name), ("get", name, {"force": True})]


def restored(stage):
    url = stage.url("restored", 100_000, hold=60_000)
    return [("begin", url, {}), ("restart", signal.SIGKILL, url), ("wait",)]


SCENARIOS = (plain, continued, changed, renewed, worker, unpacked, restored)


@dataclass(frozen=True)
class Fault:
    scenario: int
    call: str = ""
    turn: int = 0
    error: int = 0

    def __str__(self):
        return f"{SCENARIOS[self.scenario].__name__}:{self.call}:{self.turn}:{error_name(self.error)}"

    @classmethod
    def parse(cls, text):
        scenario, call, turn, error = text.split(":")
        names = [each.__name__ for each in SCENARIOS]
        return cls(names.index(scenario), call, int(turn), SHORT if error == "SHORT" else getattr(errno, error))


class Trial:
    """A scenario with one fault, or with none to count the calls."""

    def __init__(self, fault, seed, folder):
        self.fault = fault
        self.chance = random.Random(f"{seed}/{fault}" if fault.call else "")
        self.origin = Origin()
        self.stage = steps.Sources(self.origin, folder, self.chance)
        self.actions = SCENARIOS[fault.scenario](self.stage)
        self.config = {**recovery.CONFIG, "transfer": {"file_roots": [folder]}}
        self.daemon = WatchedDaemon(self.config, self.stage.catalog())
        self.promises = Promises()
        self.jobs = []

    def close(self):
        self.daemon.close()
        self.origin.close()

    def mark(self, **fields):
        self.daemon.mark(**fields)
        self.promises.note(fields)

    def run(self):
        """The calls that were made; raises Failure."""
        self.start()
        for action, *arguments in self.actions:
            getattr(self, action)(*arguments)
        self.retry_failed()
        self.stop()
        self.start()
        self.finish()
        self.stop()
        self.daemon.check_log()
        return self.daemon.counts()

    # The daemon, which may fail once

    def start(self):
        fault = (self.fault.call, self.fault.turn, self.fault.error) if self.fault.call else None
        try:
            self.daemon.start(fault)
        except Expired as error:
            self.judge_end(error)
            self.daemon.start(fault)

    def judge_end(self, error):
        """The daemon did not start: it has to say why."""
        code = self.daemon.process.wait() if self.daemon.process else None
        if not code or code < 0 or not self.daemon.log.text().strip():
            raise Failure(f"concd ended with {code} and without a word: {error}")
        self.daemon.stop()

    def stop(self, signum=signal.SIGTERM):
        self.check_whole()
        code = self.daemon.stop(signum)
        if signum == signal.SIGTERM and code not in (0, 1):
            raise Failure(f"concd ended with {code}:\n{self.daemon.logs[-1].text()}")

    def twice(self, ask):
        """A refusal is an answer; the fault is over then."""
        try:
            return ask()
        except Error as error:
            if error.name not in ("StoreFailed", "NoResult"):
                raise
            return ask()
        except (ConnectionError, FileNotFoundError):
            if self.daemon.process.poll() is None:
                raise
            self.judge_end("in the middle")
            self.start()
            return ask()

    # Actions

    def begin(self, source, parameters):
        token = f"{source}/{len(self.jobs)}"
        self.mark(what="submitting", source=source)
        job = self.twice(lambda: self.daemon.download(source, token=token, **parameters))
        self.mark(what="accepted", job=job, source=source)
        self.jobs.append(job)

    def get(self, source, parameters):
        self.begin(source, parameters)
        self.wait()

    def wait(self):
        [job] = self.twice(lambda: self.daemon.wait(self.jobs[-1]))
        self.mark(what="state", job=job["id"], state=job["state"])
        if job["state"] == "failed":
            failure = job.get("failure") or {}
            if not failure.get("message") or failure.get("kind") in (None, "cancelled"):
                raise Failure(f"job {job['id']} failed without a reason: {failure}")

    def retry_failed(self):
        for id in self.jobs:
            if self.twice(lambda: self.daemon.job(id))["state"] == "failed":
                self.mark(what="asking", job=id, **{"for": "accepted"})
                self.twice(lambda: self.daemon.call("Retry", id=id))
                self.mark(what="state", job=id, state="accepted")

    def release(self):
        job = self.jobs[-1]
        if self.promises.jobs[job].state != "done":
            return
        self.mark(what="asking", job=job, **{"for": "released"})
        self.twice(lambda: self.daemon.call("Release", id=job))
        self.mark(what="released", job=job)

    def replace(self, name):
        self.stage.replace_archive(name, 1)

    def restart(self, signum, url):
        self.origin.wait_sent(url, 60_000)
        self.stop(signum)
        self.origin.release(url)
        self.start()

    # Judging

    def check_whole(self):
        """Whatever went wrong: nothing that is not right is visible."""
        self.promises.check_library(tree.read(self.daemon.root), self.stage.contents)

    def finish(self):
        """After a restart everything completes."""
        jobs = self.all_jobs()
        self.promises.check_states(jobs)
        unfinished = [id for id, job in jobs.items() if job["state"] not in ENDED]
        if unfinished:
            self.daemon.wait(*unfinished)
        jobs = self.all_jobs()
        self.promises.check_ends(jobs, lambda job: False)
        recovery.wait_for_clean_up(self.daemon.state, jobs)
        self.promises.check_files(tree.read(self.daemon.root), jobs, self.stage.contents, self.stage.source_of)

    def all_jobs(self):
        jobs = self.twice(lambda: self.daemon.call("List", finished=True))["jobs"]  # the fault may come as late as here
        return {job["id"]: job for job in jobs}

    def check_power_loss(self):
        """What the failed call did to the disk is not covered up: some prefixes after it recover as any other."""
        disk, promises, failed = self.daemon.disk(), Promises(), None
        entries = self.daemon.entries()
        cuts = {cut for cut, entry in enumerate(entries) if entry.kind == Kind.FAULT}
        if not cuts:
            return False
        after = range(min(cuts), len(entries))
        cuts = {len(entries) - 1, *self.chance.sample(after, min(2, len(after)))}
        recover = recovery.Recovery(self.stage, self.config)
        try:
            for cut, entry in enumerate(entries):
                check_rename(disk, entry)
                disk.replay(entry)
                if entry.kind == Kind.MARK:
                    promises.note(entry.mark())
                if cut in cuts:
                    found = dict(crash_states(disk, 0))["strict"]
                    failed = f"after entry {cut} ({entry})"
                    recover.check(found, copy.deepcopy(promises))
        except Failure as failure:
            raise Failure(f"power loss {failed}: {failure}") from failure
        finally:
            recover.close()
        return True


def check_rename(disk, entry):
    """What becomes visible has been synced, every byte of it."""
    if entry.kind != Kind.RENAME or disk.path_of(entry.other_folder) not in ("state/library", "state/results"):
        return
    for inode in disk.files_below(entry.folder, entry.name):
        if any(change.kind != Kind.MODE for change in inode.pending):
            raise Failure(f"{entry.name} is renamed to {entry.other_name} with bytes that were not synced")
