"""concd under a service manager: the double fork hands over, and nothing of what the manager gave is lost."""

import os
import signal
import socket
import subprocess
import sys
import unittest

from tests.support.daemon import ENVIRONMENT, Daemon
from tests.support.deadline import DEFAULT
from tests.support.notify import NotifySocket
from tests.support.process import adopt_orphans, stat, wait_end

# Becomes concd with the environment that systemd gives: addressed to this very process by its pid.
_LAUNCH = """
import os, sys
listener, program, *arguments = sys.argv[1:]
if listener != "-":
    os.dup2(int(listener), 3)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="concd.socket")
if "WATCHDOG_USEC" in os.environ:
    os.environ["WATCHDOG_PID"] = str(os.getpid())
os.execv(program, [program, *arguments])
"""


class Supervised(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        adopt_orphans()

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.notify = NotifySocket(self.daemon.folder / "notify")
        self.addCleanup(self.notify.close)
        self.pid = None
        self.first = None

    def launch(self, listener=None, watchdog=None):
        """Starts the first process and waits for its end; what it said."""
        environment = {**ENVIRONMENT, "NOTIFY_SOCKET": self.notify.path}
        if watchdog:
            environment["WATCHDOG_USEC"] = str(watchdog)
        fds = () if listener is None else (listener.fileno(),)
        command = [sys.executable, "-c", _LAUNCH, str(fds[0]) if fds else "-", str(self.daemon.program), "--config",
                   str(self.daemon.config_file)]
        self.first = subprocess.Popen(command, env=environment, pass_fds=fds, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      **self.daemon.account.options())
        self.addCleanup(self.first.stdout.close)
        self.addCleanup(self.first.kill)
        return self.first.communicate(timeout=DEFAULT)[0].decode()

    def start(self, listener=None, watchdog=None):
        """Starts by the double fork; the daemon's pid, as it was told to the manager."""
        self.notify.forget()
        said = self.launch(listener, watchdog)
        self.assertEqual((self.first.returncode, said), (0, ""))
        sender, message = self.notify.wait_for("READY", "1")
        self.pid = int(message["MAINPID"])
        self.addCleanup(self.end)
        return sender, message

    def end(self):
        if self.pid is not None:
            pid, self.pid = self.pid, None
            os.kill(pid, signal.SIGTERM)
            self.assertEqual(wait_end(pid), 0)

    def bound(self):
        """A listening socket as concd.socket would make it."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.daemon.socket))
        os.chmod(self.daemon.socket, 0o666)
        listener.listen()
        return listener

    def test_the_first_process_hands_over_and_is_gone(self):
        sender, message = self.start()
        self.assertEqual(sender, self.first.pid, "NotifyAccess=main: only the first process is believed")
        self.assertNotEqual(self.pid, self.first.pid)
        self.assertEqual(self.daemon.call("Status")["pid"], self.pid)
        self.assertEqual(stat(self.pid)["ppid"], os.getpid())
        self.assertNotEqual(stat(self.pid)["session"], self.pid)

    def test_a_barrier_follows_the_hand_over(self):
        self.start()
        names = [set(message) for _, message in self.notify.messages()]
        ready = next(index for index, entry in enumerate(names) if "READY" in entry)
        self.assertIn("BARRIER", names[ready + 1])
        self.assertEqual(self.notify.messages()[ready + 1][0], self.first.pid)
        self.assertTrue(all(pid == self.first.pid for pid, _ in self.notify.messages()[: ready + 2]))

    def test_the_watchdog_is_fed_by_the_daemon_though_it_named_the_first_process(self):
        self.start(watchdog=200_000)
        sender, _ = self.notify.wait_for("WATCHDOG", "1", count=3)
        self.assertEqual(sender, self.pid)

    def test_a_stopped_daemon_feeds_no_watchdog(self):
        self.start(watchdog=100_000)
        self.notify.wait_for("WATCHDOG", "1")
        os.kill(self.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.pid, signal.SIGCONT)
        before = len(self.notify.messages())
        with self.assertRaises(AssertionError):
            self.notify.wait_for("WATCHDOG", "1", count=before + 1, timeout=0.5)

    def test_without_a_watchdog_none_is_fed(self):
        self.start()
        self.daemon.call("Status")
        self.assertEqual([message for _, message in self.notify.messages() if "WATCHDOG" in message], [])

    def test_a_passed_socket_is_served_though_it_was_passed_to_the_first_process(self):
        listener = self.bound()
        inode = os.stat(self.daemon.socket).st_ino
        with socket.socket(socket.AF_UNIX) as early:
            early.connect(str(self.daemon.socket))  # before the start, as socket activation means it
            early.settimeout(30)
            early.sendall(b'{"method":"io.concd.Status","parameters":{}}\0')
            self.start(listener)
            self.assertIn(str(self.pid).encode(), early.recv(4096))
        self.assertEqual(os.stat(self.daemon.socket).st_ino, inode, "it bound another one")

    def test_a_passed_socket_stays_when_the_daemon_stops(self):
        listener = self.bound()
        self.start(listener)
        self.end()
        self.assertTrue(self.daemon.socket.exists())
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.settimeout(30)
            waiting.connect(str(self.daemon.socket))
            waiting.sendall(b'{"method":"io.concd.Status","parameters":{}}\0')
            self.start(listener)
            self.assertIn(str(self.pid).encode(), waiting.recv(4096))

    def outlived(self, listener):
        """The id of a job whose daemon has ended, while its socket is still open to callers."""
        self.daemon.configure({"retry": {"first_contact_timeout": "1h", "tries": 1000}})
        self.start(listener)
        job = self.daemon.download("http://localhost:1/x")
        self.end()
        return job

    def test_a_list_asked_for_before_the_start_has_the_jobs_of_the_life_before(self):
        listener = self.bound()
        job = self.outlived(listener)
        with self.daemon.client() as early:
            early.send("List")
            self.start(listener)
            self.assertEqual([entry["id"] for entry in early.reply()[0]["jobs"]], [job])

    def test_a_cancel_asked_for_before_the_start_ends_a_job_of_the_life_before(self):
        listener = self.bound()
        job = self.outlived(listener)
        with self.daemon.client() as early:
            early.send("Cancel", id=job)
            self.start(listener)
            self.assertEqual(early.reply()[0]["job"]["state"], "cancelled")

    def test_what_is_passed_must_be_a_listening_stream_socket(self):
        with open("/dev/null") as wrong:
            said = self.launch(wrong)
            self.assertNotEqual(self.first.returncode, 0)
            self.assertTrue(said)
        self.assertEqual([message for _, message in self.notify.messages() if "READY" in message], [])

    def test_status_is_told_and_stopping_is_announced(self):
        self.start()
        sender, message = self.notify.wait_for("STATUS")
        self.assertEqual(sender, self.pid)
        self.assertIn("active", message["STATUS"])
        pid = self.pid
        self.end()
        self.assertEqual(self.notify.wait_for("STOPPING", "1")[0], pid)

    def test_a_failed_start_is_not_ready_and_ends_with_its_status(self):
        self.daemon.config_file.write_text("nonsense")
        said = self.launch()
        self.assertEqual(self.first.returncode, 78)
        self.assertIn("concd.toml:1", said)
        self.assertEqual(self.notify.messages(), [])


if __name__ == "__main__":
    unittest.main()
