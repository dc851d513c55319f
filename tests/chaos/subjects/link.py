"""Downloads over a link that drops every two seconds; and one whose network goes away in the middle (needs root).

A round is ten jobs. All must finish without help, and what went over the link may exceed the files by 5 % at most.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import threading
import time
import traceback

from tests.chaos.harness.load import digest
from tests.chaos.harness.options import Failure, parse
from tests.chaos.harness.stage import Stage
from tests.support.daemon import Daemon
from tests.support.origin import Origin
from tests.support.origin_process import OriginProcess
from tests.support.proxy import Proxy

JOBS_A_ROUND = 10
EVERY, PAUSE = 2.0, 0.3  # seconds
SECONDS_A_JOB = 0.1  # of the link, on average
RATE = 12_000_000  # bytes a second
MAX_TWICE = 0.05
# As it is shipped, apart from what the tests' daemon has for speed.
RETRY = {"first_delay": "1s", "max_delay": "10min", "tries": 10, "first_contact_timeout": "30s"}


def drops(options):
    """All jobs at once, through the proxy."""
    count = options.rounds * JOBS_A_ROUND
    with OriginProcess() as origin, Stage({"retry": RETRY}, "") as stage, \
            Proxy(origin.port, RATE, EVERY, PAUSE) as proxy:
        total = 0
        for number in range(count):
            # Mostly small ones, and some that a drop or two will meet.
            size = int(20_000 * 1000 ** options.random.random())
            size = min(size, 6_000_000)
            total += size
            url = origin.url(f"/file/{size}/{number}", seed="0").replace(str(origin.port), str(proxy.port), 1)
            stage.request(url, {digest(size, "0")})
        stage.start()
        for request in stage.requests:
            stage.ask(request)
        stage.client.socket.settimeout(60 + 3 * count * SECONDS_A_JOB)
        stage.check(stage.settle())
        stage.daemon.process.terminate()
        stage.bury()
        counts = proxy.close()
    twice = counts["bytes"] / total - 1
    print(f"{count} jobs, {total >> 20} MiB, {counts['drops']} drops, {counts['cut']} connections cut, "
          f"{100 * twice:.2f} % of the bytes more than once (headers included)", end="", flush=True)
    if counts["cut"] == 0:
        raise Failure("nothing was cut: that proves nothing")
    if twice > MAX_TWICE:
        raise Failure("too many bytes were fetched twice")


class Network:
    """A network namespace with one link to here; the calling thread can enter it."""

    HERE, THERE = "10.213.7.1", "10.213.7.2"

    def __init__(self):
        self.name = f"concd-{os.getpid()}"
        self._ip("netns", "add", self.name)
        self._ip("link", "add", self.name, "type", "veth", "peer", "name", "wan", "netns", self.name)
        self._ip("addr", "add", f"{self.HERE}/30", "dev", self.name)
        self._ip("link", "set", self.name, "up")
        self._inside("addr", "add", f"{self.THERE}/30", "dev", "wan")
        self.up()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ip("netns", "delete", self.name)

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)

    def _inside(self, *words):
        self._ip("-n", self.name, *words)

    def up(self):
        self._inside("link", "set", "wan", "up")
        self._inside("route", "replace", "default", "via", self.HERE, "dev", "wan")

    def down(self):
        self._inside("link", "set", "wan", "down")

    def start(self, daemon):
        """Starts the daemon in it."""
        failed = []

        def run():
            try:
                with open(f"/run/netns/{self.name}", "rb") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                daemon.start()
            except BaseException as error:
                failed.append(error)
        # The namespace is that of the thread, which ends.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]


def wait_offline(daemon, job):
    """Until it has waited for the network more often than it has tries, if those were used up by that."""
    seen = 0
    while sum("no route" in entry.message for entry in daemon.log.entries("waiting", job)) < 12:
        seen = len(daemon.log.wait_for("waiting", job, count=seen + 1))


def may_have_networks():
    """Many a container has network namespaces and may not put a link into them."""
    return os.geteuid() == 0 and shutil.which("ip") and subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "lan", "type", "veth", "peer", "name", "wan"],
        stderr=subprocess.DEVNULL, check=False).returncode == 0


def network_gone():
    """Transfers stand still, jobs wait with the reason, and all goes on when the network is back."""
    size = 1_000_000
    with Network() as network, Origin(host=network.HERE) as origin, Daemon(
            {"transfer": {"stall_timeout": "1s", "connect_timeout": "1s"}}) as daemon:
        network.start(daemon)
        urls = [origin.url(f"/file/{size}/{number}", seed="0", hold=size // 2) for number in range(4)]
        with daemon.events() as events:
            jobs = [daemon.download(url) for url in urls[:3]]
            for job in jobs:
                events.wait_received(job, size // 2)
            network.down()
            jobs.append(daemon.download(urls[3]))
            for job in jobs:
                wait_offline(daemon, job)
            for url in urls:
                origin.release(url)
            network.up()
            ended = daemon.wait(*jobs)
        for job in ended:
            if job["state"] != "done":
                raise Failure(f"job {job['id']} is {job['state']}: {job.get('failure')}")
        sent = origin.bytes_sent()
        if sent > 1.6 * len(jobs) * size:
            raise Failure(f"{sent} bytes were sent for {len(jobs) * size}")
    print(f"; {len(jobs)} jobs went on after the network had gone", end="")


def main(words=None):
    options = parse(__doc__, words, rounds=8)
    start = time.monotonic()
    try:
        drops(options)
        if may_have_networks():
            network_gone()
        else:
            print("; no network namespace can be made here", end="")
            if os.environ.get("CONCD_NO_SKIP") == "1":
                raise Failure("the network's part was skipped")
    except Exception:
        print(flush=True)
        traceback.print_exc()
        return 1
    print(f", {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
