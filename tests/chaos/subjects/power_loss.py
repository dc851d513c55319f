"""Power losses: runs are recorded call by call, and the daemon is started on what each prefix may have left behind.

A run is some steps of tests/chaos/harness/steps.py, chosen by the seed. After each recorded call the disk is imagined
in several ways: as all saw it; with nothing but what was synced; names without their bytes; bytes without their names;
zeros where bytes were on their way; and mixtures. In each of them every published file must be whole, and a daemon
that is started on it must know all jobs that were accepted, finish them, and leave nothing behind.

Besides the options below: --steps N for each run; --run N begins with that one; --log FILE [--cut N [--state NAME]]
replays the log of a run that failed, which is kept, or one state of it.
"""

import argparse
import concurrent.futures
import copy
import multiprocessing
import pathlib
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field

from tests.chaos.harness import options, recovery, steps
from tests.chaos.harness.options import Failure
from tests.chaos.harness.player import Player
from tests.chaos.harness.promises import Promises
from tests.chaos.harness.replay.disk import Disk
from tests.chaos.harness.replay.log import Kind, read
from tests.chaos.harness.replay.states import crash_states
from tests.chaos.harness.watched import WatchedDaemon
from tests.support.origin import Origin

QUICK_ROUNDS = 2
MEMORY = pathlib.Path("/dev/shm")  # where a sync takes no time


@dataclass
class Report:
    """Of one run."""

    index: int
    steps: list
    entries: int = 0
    states: int = 0
    seconds: float = 0
    failures: list = field(default_factory=list)

    def __str__(self):
        verdict = f"{len(self.failures)} FAILED" if self.failures else "all recovered"
        return (f"run {self.index}: {', '.join(self.steps)}: {self.entries} entries, {self.states} states, "
                f"{self.seconds:.0f} s, {verdict}")


class Run:
    """One recorded run; the same steps for the same seed and index."""

    MAX_FAILURES = 8

    def __init__(self, seed, index, size, port=0, folder=None):
        """`port` and `folder`: where an earlier run had its origins."""
        self.seed, self.index, self.size = seed, index, size
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="concd-power-",
                                                              dir=MEMORY if MEMORY.is_dir() else None))
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        tempfile.tempdir = str(self.folder)
        self.origin = Origin(port=port)
        chance = random.Random(f"{seed}/{index}")
        self.stage = steps.Sources(self.origin, self.folder, chance)
        kinds = [steps.STEPS[index % len(steps.STEPS)]]
        while len(kinds) < size:
            kinds.append(chance.choice([kind for kind in steps.STEPS if kind is not steps.Slow]))
        chance.shuffle(kinds)
        self.steps = [kind(self.stage, f"{kind.__name__}-{i}") for i, kind in enumerate(kinds)]
        self.config = {**recovery.CONFIG, "transfer": {"file_roots": [self.folder]}}

    def close(self):
        self.origin.close()
        tempfile.tempdir = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def record(self):
        """Returns the file of the log."""
        with WatchedDaemon(self.config, self.stage.catalog()) as daemon:
            daemon.mark(what="run", seed=self.seed, index=self.index, size=self.size, port=self.origin.port,
                        folder=str(self.folder), root=daemon.root.stat().st_ino)
            daemon.start()
            player = Player(daemon, self.stage)
            for step in self.steps:
                step.play(player)
            if daemon.stop() != 0:
                raise Failure(f"the recorded daemon failed:\n{daemon.logs[-1].text()}")
            daemon.check_log()
            return shutil.copy(daemon.log_file, self.folder / "log")

    def replay(self, file, only=None):
        """`only`: (cut, state) of a failure."""
        report = Report(self.index, [type(step).__name__ for step in self.steps])
        begin = time.monotonic()
        self.recovery = recovery.Recovery(self.stage, self.config)
        try:
            self._replay(report, read(file), only)
        finally:
            self.recovery.close()
        report.seconds = time.monotonic() - begin
        return report

    def _replay(self, report, entries, only):
        report.entries = len(entries)
        disk, promises, seen = Disk(entries[0].mark()["root"]), Promises(), set()
        for cut, entry in enumerate(entries):
            disk.replay(entry)
            if entry.kind == Kind.MARK and cut > 0:
                promises.note(entry.mark())
            if (only and only[0] != cut) or not matters(entry):
                continue
            for name, tree in crash_states(disk, self.seed):
                key = (tree.digest(), promises.key())
                if key in seen or (only and only[1] not in (None, name)):
                    continue
                seen.add(key)
                report.states += 1
                try:
                    self.recovery.check(tree, copy.deepcopy(promises))
                except Failure as failure:
                    report.failures.append((cut, name, str(entry), str(failure)))
                    if len(report.failures) == self.MAX_FAILURES:
                        return


def matters(entry):
    """Whether the disk or what is owed may be another one after it. What is asked for only takes from what is owed."""
    if entry.kind == Kind.MARK:
        return entry.mark()["what"] not in ("run", "submitting", "asking")
    return entry.kind not in (Kind.SYNC_BEGIN, Kind.FAULT)


def attempt(seed, index, size):
    run = Run(seed, index, size)
    try:
        file = run.record()
        report = run.replay(file)
        kept = None
        if report.failures:
            kept = shutil.copy(file, pathlib.Path(tempfile.gettempdir()).parent / f"concd-power-{seed}-{index}.log")
        return report, kept
    finally:
        run.close()


def tell(report, kept=None):
    print(report, flush=True)
    for cut, name, entry, failure in report.failures:
        print(f"  after entry {cut} ({entry}), state {name}: {failure}")
        if kept:
            print(f"  again: --log {kept} --cut {cut} --state {name}", flush=True)


def replay_log(file, cut, state):
    first = read(file)[0].mark()
    run = Run(first["seed"], first["index"], first["size"], first["port"], first["folder"])
    try:
        report = run.replay(file, None if cut is None else (cut, state))
    finally:
        run.close()
    tell(report)
    return bool(report.failures)


def main(words):
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--run", type=int)
    parser.add_argument("--log")
    parser.add_argument("--cut", type=int)
    parser.add_argument("--state")
    special, rest = parser.parse_known_args(words)
    if special.log:
        return replay_log(special.log, special.cut, special.state)
    chosen = options.parse(__doc__, rest, QUICK_ROUNDS)
    quick = chosen.rounds <= QUICK_ROUNDS
    size = special.steps or (2 if quick else 4)
    first = chosen.random.randrange(len(steps.STEPS)) if quick else 0
    first = first if special.run is None else special.run
    reports = []
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        runs = [pool.submit(attempt, chosen.seed, first + index, size) for index in range(chosen.rounds)]
        for run in concurrent.futures.as_completed(runs):
            report, kept = run.result()
            tell(report, kept)
            reports.append(report)
    states = sum(report.states for report in reports)
    failures = sum(len(report.failures) for report in reports)
    print(f"{len(reports)} runs, {sum(report.entries for report in reports)} entries, {states} states, "
          f"{failures} of them not recovered; seed {chosen.seed}")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
