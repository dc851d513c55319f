"""Kills the daemon, a worker, or all of them at random moments while a mixed load runs (SIGKILL).

A round is one kill. Every few dozen rounds nothing is killed until all is done: then nothing may be lost, wrong, left
over or there twice. What becomes visible under the library's paths is looked at all the time, by a process of its own.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import traceback

from tests.chaos.harness.load import Load
from tests.chaos.harness.options import Failure, parse
from tests.chaos.harness.stage import GONE, Stage
from tests.support import varlink
from tests.support.origin_process import OriginProcess

ROUNDS_A_DRAIN = 30
NAMES_A_DRAIN = 60
MEAN_LIFE = 0.25  # seconds
# Every job is counted at the end: none may be pruned.
CONFIG = {"retry": {"first_contact_timeout": "10min", "tries": 1000},
          "queue": {"active_per_host": 24, "keep_finished_count": 1_000_000,
                    "keep_finished_count_per_user": 1_000_000},
          "daemon": {"log_level": "info"}}


class Killer:
    """Kills what a round is to kill, after the time that the round is to have."""

    def __init__(self, stage, random):
        self._stage = stage
        self.whom = random.choices(("daemon", "worker", "all"), (5, 3, 3))[0]
        self.delay = min(random.expovariate(1 / MEAN_LIFE), 2.0)
        self._index = random.randrange(8)
        self._timer = threading.Timer(self.delay, self._kill)

    def start(self):
        self._timer.start()

    def join(self):
        self._timer.join()

    def _kill(self):
        while (process := self._stage.daemon.process) is None:
            time.sleep(0.001)  # it is being started at this moment
        workers = self._stage.children()
        if self.whom == "worker" and workers:
            workers = [workers[self._index % len(workers)]]
        elif self.whom == "daemon":
            workers = []
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.whom != "worker" or not workers:
            self.whom = "all" if self.whom == "all" else "daemon"
            process.kill()


class Attack:
    """All rounds, on one state folder."""

    def __init__(self, options, stage, origin):
        self._random, self._seed, self._rounds = options.random, options.seed, options.rounds
        self._stage = stage
        self._load = Load(options.random, stage, origin)
        self._jobs = self.round = 0
        self.counts = {"daemon": 0, "worker": 0, "all": 0, "stopped": 0, "jobs": 0, "done": 0}

    def run(self):
        for first in range(0, self._rounds, ROUNDS_A_DRAIN):
            self._random.seed(f"{self._seed} names {first}")
            self._load.declare(NAMES_A_DRAIN)
            for self.round in range(first, min(first + ROUNDS_A_DRAIN, self._rounds)):
                self._round()
            self._drain()

    def _round(self):
        # What a round chooses does not depend on how far the ones before it got.
        self._random.seed(f"{self._seed} round {self.round}")
        killer = Killer(self._stage, self._random)
        steps = self._steps()
        killer.start()
        try:
            if self._stage.daemon.process is not None or self._stage.start():
                self._work(steps)
        finally:
            killer.join()
        self.counts[killer.whom] += 1
        if killer.whom != "worker":
            self._stage.bury()
        elif self._random.random() < 0.2:
            self._stage.daemon.process.send_signal(signal.SIGTERM)
            if self._stage.bury() != 0:
                raise Failure("it did not end well")
            self.counts["stopped"] += 1

    def _steps(self):
        """What the callers do in this round: all chances are taken here, whatever will be in time."""
        steps = []
        for _ in range(self._random.randint(8, 30)):
            request, chance = self._load.request(), self._random.random()
            steps.append((self._stage.ask, request))
            if chance < 0.06:
                steps.append((self._cancel, request))
            elif chance < 0.12:
                steps.append((self._pause, request))
        earlier = [request for request in self._stage.requests if not request.named and request.id]
        for request in self._random.sample(earlier, min(len(earlier), 10)):
            steps.append((self._take, request))
        return steps

    def _work(self, steps):
        with contextlib.suppress(*GONE):
            for act, request in steps:
                act(request)

    def _cancel(self, request):
        request.states |= {"cancelled"}
        with contextlib.suppress(varlink.Error):
            self._stage.call("Cancel", id=request.id)

    def _pause(self, request):
        with contextlib.suppress(varlink.Error):
            self._stage.call("Pause", id=request.id)
            self._stage.call("Resume", id=request.id)

    def _take(self, request):
        """As concctl does, once it is done."""
        job = self._stage.call("Get", id=request.id)["job"]
        if job["state"] == "done" and not job["released"]:
            self._stage.take_result(request, release=True)

    def _drain(self):
        stage = self._stage
        if stage.daemon.process is None and not stage.start():
            raise Failure("killed by somebody else")
        for request in stage.requests:
            if request.id is None:
                stage.ask(request)
        for job in stage.call("List")["jobs"]:
            if job["state"] == "paused":
                stage.call("Resume", id=job["id"])
        jobs = stage.settle()
        stage.check(jobs)
        self._jobs += len(stage.requests)
        if stage.count_jobs() != self._jobs:
            raise Failure(f"{stage.count_jobs()} jobs where {self._jobs} were asked for")
        self.counts["jobs"] = self._jobs
        self.counts["done"] += sum(job["state"] == "done" for job in jobs.values())
        for request in stage.requests:
            if not request.named and jobs[request.id]["state"] == "done":
                stage.call("Release", id=request.id)
        if left := os.listdir(stage.daemon.state / "results"):
            raise Failure(f"results are left: {left}")
        stage.daemon.process.send_signal(signal.SIGTERM)
        if stage.bury() != 0:
            raise Failure("it did not end well")
        stage.check_log()
        stage.requests.clear()
        if self._rounds > self.round + 1:
            print(f"{self.round + 1} rounds, {self._jobs} jobs", flush=True)


def main(words=None):
    options = parse(__doc__, words, rounds=20)
    start = time.monotonic()
    with OriginProcess() as origin, Stage(CONFIG, "") as stage:
        attack = Attack(options, stage, origin)
        try:
            attack.run()
        except Exception:
            traceback.print_exc()
            stage.keep = True
            stage.write_log()
            print(f"seed {options.seed}, round {attack.round}; the state is kept in {stage.daemon.folder}")
            return 1
    print(f"{options.rounds} rounds: {attack.counts}, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
