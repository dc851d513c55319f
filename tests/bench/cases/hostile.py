"""Status of one user while another does all that 3,000 connections allow: its 99th percentile against that of a quiet
daemon, the longest gap of the watchdog, and the memory that is given back."""

import contextlib
import multiprocessing
import os
import time

from tests.attacks.callers import ANA, EVE, Flood, allow_descriptors, as_user, call, call_more, submit
from tests.bench.silent_origin import SilentOrigin
from tests.bench.stage import Stage, resident_bytes
from tests.support import varlink

_JOBS = 1000
_CALLS = 1000  # of Status, in each measurement
_BEATS = 20  # of the watchdog
_WATCHDOG = 2.0  # seconds; that of the unit is 30
_SETTLED = 5.0  # seconds after which what was freed has been given back


def run(options):
    if os.geteuid() != 0:
        raise RuntimeError("hostile needs root to be several users")
    allow_descriptors()
    with (Stage() as stage, SilentOrigin() as origin,
          stage.daemon(environment={"WATCHDOG_USEC": f"{_WATCHDOG * 1e6:.0f}"}) as daemon):
        jobs = _jobs_of_eve(daemon, origin)
        quiet = _status_p99(daemon)
        before = resident_bytes(daemon.pid)
        with _flooded(daemon, options.connections, jobs):
            busy = _status_p99(daemon)
            gap = _longest_gap(daemon.notify)
            most = resident_bytes(daemon.pid)
        time.sleep(_SETTLED)
        after = resident_bytes(daemon.pid)
    return {"connections": options.connections, "status_p99_alone_ms": quiet * 1e3, "status_p99_ms": busy * 1e3,
            "watchdog_gap_of_its_time": gap / _WATCHDOG, "resident_mib_before": before / 2**20,
            "resident_mib_meanwhile": most / 2**20, "resident_after_of_before": after / before}


def _jobs_of_eve(daemon, origin):
    with as_user(EVE):
        client = varlink.Client(daemon.socket)
    with client:
        return submit(client, [origin.url(number) for number in range(_JOBS)])


@contextlib.contextmanager
def _flooded(daemon, connections, jobs):
    """A process of its own, so that who measures does not wait for it."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_flood, args=(daemon, connections, jobs, theirs))
    process.start()
    ours.recv()
    try:
        yield
    finally:
        ours.send("end")
        process.join()


def _flood(daemon, connections, jobs, pipe):
    with Flood(daemon, EVE, connections, without_end=True).send(lambda number: _hostile(number, jobs)) as flood:
        while flood.answered < connections:
            time.sleep(0.1)
        pipe.send("begun")
        pipe.recv()


def _hostile(number, jobs):
    """What a connection sends, again and again."""
    kinds = (
        [call("List", finished=True)] * 200,
        [call("Wait", ids=[*jobs[:-1], 999_999_999])] * 50,
        [call_more("Wait", ids=jobs)],
        [call_more("Monitor")],
        [call("Get", id=1, nonsense=list(range(5_000)))] * 20,
        [call("Status")] * 100,
        [],
    )
    return kinds[number % len(kinds)]


def _status_p99(daemon):
    with as_user(ANA):
        client = varlink.Client(daemon.socket)
    with client:
        return sorted(_seconds_of(client) for _ in range(_CALLS))[_CALLS * 99 // 100]


def _seconds_of(client):
    start = time.monotonic()
    client.call("Status")
    return time.monotonic() - start


def _longest_gap(notify):
    """Seconds."""
    times = []
    for _ in range(_BEATS):
        notify.forget()
        notify.wait_for("WATCHDOG", "1")
        times.append(time.monotonic())
    return max(later - earlier for earlier, later in zip(times, times[1:]))
