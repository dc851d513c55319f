"""One file from two mirrors of 10 MB/s each: the rate while both live, and the time when one dies half way."""

import os
import pathlib
import statistics
import tempfile
import time

from tests.bench.origin_files import write
from tests.bench.stage import POLL, Stage
from tests.support.nginx import Nginx

_RATE = 10 << 20  # bytes/s of a mirror, over all its connections
_CHANGED = 1_600_000_000  # seconds since the epoch
_LIMIT = "limit_rate 10m; limit_conn mirror 1;"
_ZONE = "limit_conn_zone $server_port zone=mirror:1m;"


def run(options):
    size = (options.mib << 20) // 16
    with Nginx(_LIMIT, _ZONE) as first, Stage() as stage, stage.daemon() as daemon:
        _serve(first, size)
        living = statistics.median(_seconds(daemon, first, size, dies=False) for _ in range(options.rounds))
        dying = statistics.median(_seconds(daemon, first, size, dies=True) for _ in range(options.rounds))
    return {"living_seconds": living, "living_bytes_per_second": size / living,
            "dying_seconds": dying, "dying_times_of_one_alone": dying / (size / _RATE)}


def _serve(nginx, size):
    write(nginx.root / "file", 0, size)
    # Mirrors keep the time of the file, and it has not just changed.
    os.utime(nginx.root / "file", (_CHANGED, _CHANGED))


def _seconds(daemon, first, size, dies):
    with Nginx(_LIMIT, _ZONE) as second:
        _serve(second, size)
        return _fetch(daemon, first, second, size, second.stop if dies else lambda: None)


def _fetch(daemon, first, second, size, half_way):
    with tempfile.TemporaryDirectory(prefix="concd-bench-") as folder:
        daemon.account.own(pathlib.Path(folder))
        begin = time.monotonic()
        process = daemon.popen("download", first.url("file"), "--mirror", second.url("file"), cwd=folder)
        with daemon.client() as client:
            while not any(job["received"] > size // 2 for job in client.call("List")["jobs"]):
                if process.poll() is not None:
                    break
                time.sleep(POLL)
        half_way()
        finished = daemon.collect(process)
        spent = time.monotonic() - begin
        if finished.code != 0 or (pathlib.Path(folder) / "file").read_bytes() != (first.root / "file").read_bytes():
            raise RuntimeError(finished)
    return spent
