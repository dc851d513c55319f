"""What the tests of a booted Debian share: one machine a run, with the package installed."""

import contextlib
import unittest

from tests.support import message_id

MEMBER = "lucia"  # in the group concd
STRANGER = "pablo"  # in no group


class SystemTest(unittest.TestCase):
    """`machine` is booted by run.py, once for all tests of a suite."""

    machine = None
    maxDiff = None

    def concctl(self, arguments, status=0, user=None, timeout=120):
        """Runs concctl in the user's (or root's) home folder; returns what it wrote to stdout."""
        return self.machine.run(f"cd && concctl {arguments}", status, user, timeout)

    def restart(self):
        """A service that has just started; returns where the journal ended before."""
        cursor = self.machine.cursor()
        # systemd limits how often a unit starts; reset-failed starts that count anew.
        self.machine.run("systemctl reset-failed concd.service concd.socket; systemctl start concd.socket &&"
                         " systemctl restart concd.service")
        return cursor

    def events(self, name, *matches, after=None, count=None, timeout=60):
        """The journal's entries of one kind; with `count`, waits until there are so many."""
        match = f"MESSAGE_ID={message_id.of(name)}"
        if count is None:
            return self.machine.journal(match, *matches, after=after)
        return self.machine.wait_for_journal(match, *matches, after=after, count=count, timeout=timeout)

    def put(self, path, text):
        """Writes a file that is there until the test ends; with it gone the service starts anew."""
        self.machine.write(path, text)
        self.addCleanup(self.restart)
        self.addCleanup(self.machine.run, ["rm", "-f", path])

    @contextlib.contextmanager
    def unit_setting(self, text):
        """Runs the service with a drop-in of its unit."""
        self.machine.run("mkdir -p /etc/systemd/system/concd.service.d")
        self.machine.write("/etc/systemd/system/concd.service.d/test.conf", f"[Service]\n{text}\n")
        try:
            self.machine.run("systemctl daemon-reload")
            self.restart()
            yield
        finally:
            self.machine.run("rm -r /etc/systemd/system/concd.service.d && systemctl daemon-reload")
            self.restart()

    def process(self, pid):
        """The fields of /proc/PID/stat after the program's name, proc(5): state, ppid, pgrp, session, tty_nr, …"""
        text = self.machine.run(["cat", f"/proc/{pid}/stat"])
        return text.rpartition(")")[2].split()
