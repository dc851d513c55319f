"""A mixed load for a long time: at the end the daemon has as much open, in memory and running as after the warm-up.

Nothing is killed. A round is a wave of jobs that all end; --minutes counts, whichever of both takes longer.
"""

import os
import select
import sys
import time
import traceback

from tests.chaos.harness.load import Load
from tests.chaos.harness.options import Failure, parse
from tests.chaos.harness.stage import Stage
from tests.support import folder, varlink
from tests.support.deadline import DEFAULT
from tests.support.origin_process import OriginProcess

WARM_UP = 4  # waves
WAVE = 60  # jobs
NAMES = 20
MORE_MEMORY = 16 << 20  # bytes that caches and the heap's holes may take on top
MAX_THREADS = 16  # main, store, 2 for transfers, 8 for publishing, 4 for folders: started when they are first needed
IDLE_CONNECTIONS = 32  # that the transfer threads keep for the next file
CONFIG = {"retry": {"tries": 50, "first_contact_timeout": "10min"}, "queue": {"active_per_host": 24},
          "daemon": {"heartbeat": "1s"}}


def counts(pid):
    """What the daemon has at this moment; connections to origins are counted apart, because some are kept for reuse."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        tcp = {f"socket:[{line.split()[9]}]" for line in list(file)[1:]}
    opened = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        opened.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = dict(line.split(":", 1) for line in file)
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = len(file.read().split())
    connections = sum(name in tcp for name in opened)
    return {"descriptors": len(opened) - connections, "connections": connections, "threads": int(status["Threads"]),
            "memory": int(status["VmRSS"].split()[0]) << 10, "children": children}


class Soak:
    def __init__(self, options, stage, origin):
        self._options, self._stage = options, stage
        self._load = Load(options.random, stage, origin)
        self.jobs = 0

    def run(self):
        """The counts after the warm-up and at the end."""
        self._declare()
        self._stage.start()
        for _ in range(WARM_UP):
            self._wave()
        first = self._quiet()
        print(f"after the warm-up, {self.jobs} jobs: {first}", flush=True)
        start, waves, shown = time.monotonic(), 0, 1
        while (spent := time.monotonic() - start) < 60 * self._options.minutes or waves < self._options.rounds:
            self._wave()
            waves += 1
            if spent > 6 * self._options.minutes * shown:
                shown += 1
                print(f"{spent:5.0f} s, {self.jobs} jobs: {counts(self._stage.daemon.pid)}", flush=True)
        return first, self._quiet()

    def _declare(self):
        """The same names each time, with other files: what the library has is not a leak."""
        self._load.declare(NAMES, iter(range(NAMES)))

    def _wave(self):
        stage = self._stage
        stage.requests.clear()
        self._declare()
        stage.daemon.reload()
        for request in [self._load.request() for _ in range(WAVE)]:
            stage.ask(request)
        chosen = self._options.random.sample(stage.requests, WAVE // 10)
        for request in chosen:
            job = stage.call("Get", id=request.id)["job"]
            if job["state"] in ("queued", "running", "waiting"):
                self._interrupt(request)
        jobs = stage.settle()
        stage.check(jobs)
        for request in stage.requests:
            if not request.named and jobs[request.id]["state"] == "done":
                stage.call("Release", id=request.id)
        self.jobs += WAVE
        stage.daemon.log.forget()

    def _interrupt(self, request):
        try:
            if self._options.random.random() < 0.5:
                request.states |= {"cancelled"}
                self._stage.call("Cancel", id=request.id)
            else:
                self._stage.call("Pause", id=request.id)
                self._stage.call("Resume", id=request.id)
        except varlink.Error:
            pass  # it has ended meanwhile

    def _quiet(self):
        """The counts once everything has let go: partial files are the last to go, and workers end after their word."""
        stage = self._stage
        folder.wait_until(stage.daemon.state / "partial", lambda names: not names, "partial files are left")
        for pid in stage.children():
            wait_gone(pid)
        return counts(stage.daemon.pid)


def wait_gone(pid):
    """Until a process has ended that somebody else will reap."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    if not select.select([fd], [], [], DEFAULT)[0]:
        raise Failure(f"process {pid} stays")
    os.close(fd)


def compare(first, last):
    for what in ("descriptors", "children"):
        if last[what] > first[what]:
            raise Failure(f"{what}: {first[what]} became {last[what]}")
    if last["threads"] > MAX_THREADS:
        raise Failure(f"there are {last['threads']} threads")
    if last["connections"] > IDLE_CONNECTIONS:
        raise Failure(f"{last['connections']} connections are kept")
    if last["memory"] > first["memory"] + MORE_MEMORY:
        raise Failure(f"memory: {first['memory']} became {last['memory']} bytes")


def main(words=None):
    options = parse(__doc__, words, rounds=3, minutes=0.0)
    start = time.monotonic()
    with OriginProcess() as origin, Stage(CONFIG, "") as stage:
        soak = Soak(options, stage, origin)
        try:
            first, last = soak.run()
            print(f"at the end: {last}")
            compare(first, last)
        except Exception:
            traceback.print_exc()
            print(f"seed {options.seed}")
            return 1
    print(f"{soak.jobs} jobs, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
