"""Failing calls: each call of the durable path fails once, at each of its turns, in each way that it can.

A scenario is played with one call on the state folder that fails (tests/chaos/preload/layer). The daemon may refuse,
try again, let the job fail with a reason, or end with a message; it may not publish what is not right, lose what it
accepted, or take bytes for synced whose sync failed. Afterwards, and after a restart, everything completes. --rounds
is the number of faults, chosen by the seed from all that there are; a large number means all of them. Besides the
options below: --only TEXT takes those with that text in their names, --fault NAME this one.
"""

import argparse
import concurrent.futures
import errno
import multiprocessing
import pathlib
import shutil
import sys
import tempfile

from tests.chaos.harness import options
from tests.chaos.harness.options import Failure
from tests.chaos.harness.trial import SCENARIOS, Fault, Trial
from tests.chaos.harness.watched import SHORT

QUICK_ROUNDS = 100
MEMORY = pathlib.Path("/dev/shm")

WAYS = {
    "open": (errno.EIO, errno.ENOSPC, errno.EMFILE, errno.EINTR),
    "write": (errno.EIO, errno.ENOSPC, errno.EINTR, SHORT),
    "ftruncate": (errno.EIO, errno.EINTR),
    "fallocate": (errno.ENOSPC, errno.EIO, errno.EINTR, errno.EOPNOTSUPP),
    "rename": (errno.EIO, errno.ENOSPC),
    "unlink": (errno.EIO,),
    "mkdir": (errno.EIO, errno.ENOSPC),
    "symlink": (errno.EIO, errno.ENOSPC),
    "fsync": (errno.EIO, errno.ENOSPC, errno.EINTR),
    "fdatasync": (errno.EIO, errno.ENOSPC, errno.EINTR),
    "syncfs": (errno.EIO, errno.ENOSPC),
    "fchmod": (errno.EIO, errno.EINTR),
    "futimens": (errno.EIO,),
}


def attempt(fault, seed):
    """(fault, the calls made, whether the fault came about, what went wrong or "")."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="concd-faults-", dir=MEMORY if MEMORY.is_dir() else None))
    folder.chmod(0o755)
    tempfile.tempdir = str(folder)
    trial = None
    try:
        trial = Trial(fault, seed, folder)
        counts = trial.run()
        return fault, counts, trial.check_power_loss(), ""
    except Exception as error:  # whatever it is, the fault's name goes with it
        logs = "\n".join(log.text() for log in trial.daemon.logs) if trial else ""
        return fault, {}, True, f"{type(error).__name__}: {error}\n{logs}"
    finally:
        if trial:
            trial.close()
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def all_faults(pool, seed):
    faults = []
    for counted in [pool.submit(attempt, Fault(scenario), seed) for scenario in range(len(SCENARIOS))]:
        base, counts, _, wrong = counted.result()
        if wrong:
            raise Failure(f"{SCENARIOS[base.scenario].__name__} fails without a fault: {wrong}")
        faults += [Fault(base.scenario, call, turn, error) for call, ways in WAYS.items()
                   for turn in range(1, counts[call] + 1) for error in ways]
    return faults


def spread(faults, chance):
    """In a random order, but each kind once before any comes again: most calls are writes of the store."""
    seen, turns = {}, []
    for fault in chance.sample(faults, len(faults)):
        kind = (fault.scenario, fault.call, fault.error)
        seen[kind] = seen.get(kind, 0) + 1
        turns.append((seen[kind], fault))
    return [fault for _, fault in sorted(turns, key=lambda each: each[0])]


def main(words):
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--fault")
    parser.add_argument("--only", default="")
    special, rest = parser.parse_known_args(words)
    chosen = options.parse(__doc__, rest, QUICK_ROUNDS)
    failures = reached = 0
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        faults = [Fault.parse(special.fault)] if special.fault else all_faults(pool, chosen.seed)
        faults = [fault for fault in faults if special.only in str(fault)]
        picked = spread(faults, chosen.random)[: chosen.rounds]
        trials = [pool.submit(attempt, fault, chosen.seed) for fault in picked]
        for trial in concurrent.futures.as_completed(trials):
            fault, _, came, wrong = trial.result()
            reached += came
            if wrong:
                failures += 1
                print(f"{fault}: {wrong}\n  again: --fault {fault} --seed {chosen.seed}", flush=True)
    print(f"{len(picked)} of {len(faults)} faults, {reached} came about, {failures} did harm; seed {chosen.seed}")
    return bool(failures) or reached < 0.8 * len(picked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
