"""What the cases share: the daemon with a log that costs little, what a process has used, and medians."""

import contextlib
import os
import statistics
import tempfile
import threading
import time

from tests.support.daemon import Daemon

POLL = 0.02  # seconds between two looks at what the daemon has done
_TICK = os.sysconf("SC_CLK_TCK")


class UnreadLog:
    """Takes what a daemon writes to stderr and keeps the end: to parse all would take the time that is measured."""

    def __init__(self, stream):
        self._last = b""
        self._thread = threading.Thread(target=self._drain, args=(stream,), daemon=True)
        self._thread.start()

    def _drain(self, stream):
        with stream:
            while data := os.read(stream.fileno(), 1 << 20):
                self._last = data

    def text(self):
        return self._last.decode(errors="replace")

    def wait_end(self):
        self._thread.join()


class Stage(contextlib.ExitStack):
    """What was put up for a case, until its end: a file system is slow to make files where others were just deleted."""

    @contextlib.contextmanager
    def daemon(self, environment=None, transfer=None, **queue):
        """A daemon as it is shipped, but for the keys of [transfer] and [queue]. Runs as long as the context."""
        sections = {"transfer": transfer, "queue": queue}
        daemon = self.enter_context(Daemon({name: keys for name, keys in sections.items() if keys}))
        yield daemon.start(environment, log=UnreadLog)
        daemon.stop()

    def folder(self):
        """An empty one."""
        return self.enter_context(tempfile.TemporaryDirectory(prefix="concd-bench-"))


def wait_until_done(daemon, count):
    """Returns once so many jobs are done."""
    with daemon.client(timeout=None) as client:
        while (status := client.call("Status"))["done"] < count:
            if status["failed"]:
                raise RuntimeError(f"{status['failed']} downloads have failed")
            time.sleep(POLL)


def cpu_seconds(pid):
    """User and system time of a process, proc(5)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))


def median_of(rounds):
    """The medians of what each round has measured: dicts with the same keys."""
    return {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
