"""A Debian with systemd as PID 1, on a throw-away copy of a bare tree."""

import contextlib
import json
import os
import select
import shlex
import signal
import subprocess
import time

from tests.support import debian_tree
from tests.support.deadline import Expired


UP = ("running", "degraded")  # systemctl(1), is-system-running


class Failed(AssertionError):
    """A command in the machine ended otherwise than expected."""


class Machine:
    """A booted Debian of one suite. Its network is the host's, so that servers on loopback are reached."""

    def __init__(self, suite):
        self.suite = suite
        self.tree = debian_tree.DebianTree(suite)
        self.root = None  # its files, as the host sees them; /run and /tmp are not among them
        self._leader = None
        self._stack = contextlib.ExitStack()

    def boot(self):
        """Raises CannotNest, with the console's last words, where systemd cannot be booted."""
        self.tree.ensure_bare()
        self.root = self._stack.enter_context(debian_tree.overlay(self.tree.bare))
        for timer in ("apt-daily", "apt-daily-upgrade"):  # they would hold apt's lock now and then
            (self.root / f"etc/systemd/system/{timer}.timer").symlink_to("/dev/null")
        console = open(self.root.parent / "console.log", "w+", encoding="utf-8", errors="replace")
        nspawn = subprocess.Popen(
            debian_tree.container_command(self.root, "--boot", "--console=pipe",
                                          f"--bind={self.tree.archives}:/var/cache/apt/archives"),
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
            env=debian_tree.CONTAINER_ENVIRONMENT)
        self._stack.callback(self._power_off, nspawn)
        until = time.monotonic() + 60
        while time.monotonic() < until and nspawn.poll() is None:
            self._leader = child_of(nspawn.pid)
            if self._leader and self.execute("systemctl is-system-running --wait").stdout.strip() in UP:
                return
            time.sleep(0.1)
        console.seek(0)
        raise debian_tree.CannotNest(f"systemd does not boot here: {console.read()[-2000:]}")

    def shut_down(self):
        self._stack.close()

    @staticmethod
    def _power_off(nspawn):
        nspawn.send_signal(signal.SIGTERM)
        try:
            nspawn.wait(30)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait()

    def _command(self, command, user):
        if not isinstance(command, str):
            command = shlex.join(map(str, command))
        become = ["runuser", "-u", user, "--"] if user else []
        return ["nsenter", "-t", str(self._leader), "-a", *become, "/usr/bin/env", "-i",
                f"HOME={f'/home/{user}' if user else '/root'}", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER=", "/bin/sh", "-c", command]

    def execute(self, command, user=None, timeout=120):
        """Runs a shell command or a list of words to its end, whatever the status."""
        return subprocess.run(self._command(command, user), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=timeout)

    def run(self, command, status=0, user=None, timeout=120):
        """Runs a command that must end with `status`; returns what it wrote to stdout."""
        done = self.execute(command, user, timeout)
        if done.returncode != status:
            raise Failed(f"{command}\nended with {done.returncode}, not {status}\n{done.stdout}{done.stderr}\n"
                         f"{self._last_words()}")
        return done.stdout

    def start(self, command, user=None):
        """Starts a command and returns its Popen; stdout and stderr are pipes of text."""
        return subprocess.Popen(self._command(command, user), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)

    @staticmethod
    def end(process):
        """Kills what start() has started: nsenter and, behind it, the command."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def _last_words(self):
        return self.execute("journalctl --no-pager -n 30 -o short-precise").stdout

    def write(self, path, text, mode=0o644):
        """Writes a file of the machine; not below /run or /tmp, which the host does not see."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def cursor(self):
        """Where the journal ends now."""
        lines = self.run("journalctl --no-pager -n 0 --show-cursor").splitlines()
        return lines[-1].removeprefix("-- cursor: ")

    def journal(self, *matches, after=None):
        """The entries, as dictionaries, that match all of FIELD=value and come after the cursor."""
        lines = self.run(["journalctl", "--no-pager", *journal_options(after)]).splitlines()
        return [entry for entry in map(json.loads, lines) if matching(entry, matches)]

    def wait_for_journal(self, *matches, count=1, after=None, timeout=60):
        """Follows the journal until `count` entries match; returns them."""
        process = self.start(["journalctl", "--follow", "--no-tail", *journal_options(after)])
        entries, until = [], time.monotonic() + timeout
        try:
            for line in lines_until(process.stdout, until):
                entry = json.loads(line)
                if matching(entry, matches):
                    entries.append(entry)
                if len(entries) == count:
                    return entries
        finally:
            self.end(process)
        raise Expired(f"{len(entries)} of {count} entries {matches} within {timeout} s\n{self._last_words()}")

    def unit(self, name, unit="concd.service"):
        """A property of a unit, as text."""
        return self.run(["systemctl", "show", "--value", "--property", name, unit]).strip()

    def main_pid(self):
        return int(self.unit("MainPID"))


def journal_options(after):
    """Of journalctl. It gets no matches: with them, systemd 252 leaves out the first entry after a cursor."""
    return ["-o", "json", "--all", *([f"--after-cursor={after}"] if after else [])]


def matching(entry, matches):
    """Whether the entry has each FIELD=value."""
    return all(entry.get(field) == value for field, _, value in (match.partition("=") for match in matches))


def lines_until(stream, until):
    """The lines of a pipe until the monotonic time `until`."""
    buffered = b""
    while (left := until - time.monotonic()) > 0 and select.select([stream], [], [], left)[0]:
        piece = stream.buffer.raw.read(65536)
        if not piece:
            return
        buffered += piece
        *lines, buffered = buffered.split(b"\n")
        yield from (line.decode() for line in lines)


def child_of(pid):
    """The first child of a process, or None."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return next(iter(children.read().split()), None)
