"""concd, aria2c, curl and wget2 as a careful script uses them: retries, continuing, and again until all is well."""

import hashlib
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from tests.support.account import daemon_account
from tests.support.daemon import ENVIRONMENT, Daemon
from tests.support.deadline import DEFAULT

RUNS = 4  # how often a script would start the tool before it gives up
ENDS_WITHIN = 40.0  # seconds for one run; far more than the timeouts and retries that the tools are given need
TIMEOUT, LONG_TIMEOUT = 2, 30  # seconds of silence that are too long, and where the client is to be found waiting
PAUSE = 6.0  # seconds between the last byte that the origin sends and a client's stop: some save once in a while

# How a case ended for a tool.
RIGHT, FAILED, UNSURE = "right", "failed", "right, but failed"
HALF, WRONG, ENDLESS = "half file", "WRONG FILE", "no end"

FILE = "file.bin"


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verdict(code, path, right):
    """`code`: the last run's exit status; None: it did not end."""
    if code is None:
        return ENDLESS
    is_right = path.is_file() and sha256(path) in right
    if code == 0:
        return RIGHT if is_right else WRONG
    if is_right:
        return UNSURE
    return HALF if path.exists() else FAILED


class Tool:
    """A program that is started once a download."""

    def __init__(self, name, arguments, ca):
        self.name = name
        self.program = shutil.which(name)
        self._arguments = arguments
        self._ca = ca

    def close(self):
        pass

    def version(self):
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        return f"{self.name} {re.search(r'[0-9]+[.][0-9.]*[0-9]', said)[0]}"

    def command(self, url, timeout):
        """What a person would type; `timeout`: seconds of silence that are too long."""
        values = {"ca": self._ca, "timeout": timeout, "slow": "1K" if timeout == TIMEOUT else "0"}
        return [self.program, *(word.format(**values) for word in self._arguments), url]

    def run(self, case, servers):
        """Returns the verdict and a note on it."""
        with tempfile.TemporaryDirectory(prefix="concd-peer-") as name:
            folder = pathlib.Path(name)
            url = case.url(servers, self.name)
            if case.stop:
                self._begin_and_stop(case, servers.origin(case), url, folder)
            code, said = self._again_and_again(url, folder)
            result = verdict(code, folder / FILE, case.right_digests(self.name))
            return result, f"exit {code}, {sorted(path.name for path in folder.iterdir())}, {said[-200:]!r}"

    def _start(self, url, folder, timeout=TIMEOUT):
        return subprocess.Popen(self.command(url, timeout), cwd=folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
                                env={**ENVIRONMENT, "HOME": str(folder.parent)})

    def _again_and_again(self, url, folder):
        code, said = None, ""
        for _ in range(RUNS):
            with self._start(url, folder) as process:
                try:
                    said = process.communicate(timeout=ENDS_WITHIN)[1].strip()
                except subprocess.TimeoutExpired:
                    process.kill()
                    return None, "killed"
            code = process.returncode
            if code == 0:
                break
        return code, said

    def _begin_and_stop(self, case, origin, url, folder):
        with self._start(url, folder, LONG_TIMEOUT) as process:
            origin.wait_sent(url, case.keys["hold"])
            time.sleep(PAUSE)
            process.send_signal(signal.Signals[case.stop])
            try:
                process.communicate(timeout=DEFAULT)
            except subprocess.TimeoutExpired:
                process.kill()
        if case.change:
            origin.change(url)
        origin.release(url)


# The timeouts are short because the origin is near; everything else is what their manuals advise for bad servers.
ARGUMENTS = {
    "aria2c": ["-q", "--no-conf", "-c", "--max-tries=4", "--retry-wait=1", "--connect-timeout={timeout}",
               "--timeout={timeout}", "--lowest-speed-limit={slow}", "--auto-file-renaming=false",
               "--allow-overwrite=true", "--ca-certificate={ca}", "-o", FILE],
    "curl": ["-q", "-sS", "--fail", "-L", "--max-redirs", "10", "-C", "-", "--retry", "3", "--retry-all-errors",
             "--retry-delay", "1", "--connect-timeout", "{timeout}", "--speed-limit", "1000", "--speed-time",
             "{timeout}",
             "--cacert", "{ca}", "-o", FILE],
    "wget2": ["-q", "--no-config", "-c", "--tries=4", "--waitretry=1", "--timeout={timeout}", "--max-redirect=10",
              "--retry-connrefused", "--ca-certificate={ca}", "--no-hsts", "-O", FILE],
}


class Concd:
    """A daemon of our own and its client; the cases that stop the daemon have one each."""

    name = "concd"
    CONFIG = {
        "retry": {"first_delay": "50ms", "max_delay": "1s", "tries": 4, "first_contact_timeout": "5s"},
        "transfer": {"connect_timeout": f"{TIMEOUT}s", "stall_timeout": f"{TIMEOUT}s", "min_rate": "1K",
                     "min_rate_time": f"{TIMEOUT}s"},
        "queue": {"active": 100, "active_per_host": 100},
    }

    def __init__(self, ca):
        self._config = {**self.CONFIG, "transfer": {**self.CONFIG["transfer"], "ca_file": ca}}
        self._shared = Daemon(self._config).start()

    def close(self):
        self._shared.close()

    def version(self):
        said = subprocess.run([self._shared.program, "--version"], capture_output=True, text=True, check=True).stdout
        return f"concd {re.search(r'[0-9]+[.][0-9.]*[0-9]', said)[0]}"

    def run(self, case, servers):
        if not case.stop:
            return self._download(self._shared, case, servers)
        slow = {"stall_timeout": f"{LONG_TIMEOUT}s", "min_rate_time": f"{LONG_TIMEOUT}s"}
        with Daemon({**self._config, "transfer": {**self._config["transfer"], **slow}}) as daemon:
            return self._download(daemon.start(), case, servers)

    def _download(self, daemon, case, servers):
        url = case.url(servers, self.name)
        with tempfile.TemporaryDirectory(prefix="case-", dir=daemon.home) as name:
            folder = pathlib.Path(name)
            daemon_account().own(folder)
            client = daemon.popen("download", "-o", folder / FILE, url, cwd=folder)
            if case.stop:
                self._stop_and_start(daemon, case, servers.origin(case), url)
            try:
                finished = daemon.collect(client, RUNS * ENDS_WITHIN)
                code, said = finished.code, finished.stderr.strip()
            except AssertionError:
                code, said = None, "killed"
            result = verdict(code, folder / FILE, case.right_digests(self.name))
            return result, f"exit {code}, {sorted(path.name for path in folder.iterdir())}, {said[-200:]!r}"

    @staticmethod
    def _stop_and_start(daemon, case, origin, url):
        origin.wait_sent(url, case.keys["hold"])
        time.sleep(PAUSE)
        daemon.stop(signal.Signals[case.stop])
        if case.change:
            origin.change(url)
        origin.release(url)
        daemon.start()
