"""Starting, becoming a daemon, refusing to start, reloading."""

import fcntl
import os
import pathlib
import pwd
import select
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from tests.integration.case import OK, DaemonCase
from tests.support.account import is_root
from tests.support.certificates import Certificates
from tests.support.daemon import ENVIRONMENT, Daemon
from tests.support.origin import Origin
from tests.support.process import adopt_orphans, stat, uids, wait_end

EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 64, 69, 78


class LifecycleCase(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)

    def run_concd(self, *arguments, account=None, environment=None, **options):
        """concd as from a shell; its exit status and what it said."""
        account = account if account is not None else self.daemon.account.options()
        return subprocess.run([self.daemon.program, "--config", self.daemon.config_file, *arguments], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env={**ENVIRONMENT, **(environment or {})}, **account, **options)

    def assert_refused(self, code, said, *arguments, **options):
        done = self.run_concd(*arguments, **options)
        self.assertEqual(done.returncode, code, done)
        self.assertIn(said, done.stderr)
        return done.stderr

    def give_to_root(self):
        """What root reads may not be another user's."""
        for path in (self.daemon.config_file, self.daemon.folder, self.daemon.catalog_folder,
                     self.daemon.catalog_folder / "test.toml"):
            os.chown(path, 0, 0)


class CommandLine(LifecycleCase):
    def test_usage_errors_have_their_own_status(self):
        self.assert_refused(EX_USAGE, "nonsense", "--nonsense")

    def test_version(self):
        done = self.run_concd("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^concd \d+\.\d+")

    def test_a_good_configuration_is_checked_without_starting_anything(self):
        done = self.run_concd("--check-config")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.listdir(self.daemon.runtime), [])

    def test_a_mistake_is_told_with_its_place_and_the_nearest_key(self):
        self.daemon.config_file.write_text('[daemon]\nhearbeat = "5s"\n')
        said = self.assert_refused(EX_CONFIG, "concd.toml:2:1", "--check-config")
        self.assertIn("heartbeat", said)
        for text in ('[daemon]\nheartbeat = 5\n', '[queue]\nlimit = -1\n', '[daemon\n', '[retry]\nfirst_delay = "soon"\n',
                     '[transfer]\nexecutor = "fiber"\n', 'answer = 42\n'):
            with self.subTest(text):
                self.daemon.config_file.write_text(text)
                self.assert_refused(EX_CONFIG, "concd.toml:", "--check-config")
                self.assert_refused(EX_CONFIG, "concd.toml:")

    def test_a_mistake_in_the_catalog_is_told_as_well(self):
        self.daemon.write_catalog('["x"]\nurls = ["http://h/x"]\ndigets = "sha256:00"\n')
        self.assertIn("digest", self.assert_refused(EX_CONFIG, "test.toml:3:1", "--check-config"))

    def test_a_configuration_that_others_may_write_is_refused(self):
        for path in (self.daemon.config_file, self.daemon.catalog_folder / "test.toml"):
            with self.subTest(path.name):
                path.chmod(0o666)
                self.assert_refused(EX_CONFIG, "chmod", "--check-config")
                self.assert_refused(EX_CONFIG, "chmod")
                path.chmod(0o644)

    @unittest.skipUnless(is_root(), "needs root")
    def test_root_checks_as_the_user_that_the_service_is(self):
        drop_in = self.daemon.folder / "concd.toml.d/secret.toml"
        drop_in.parent.mkdir()
        drop_in.parent.chmod(0o755)
        drop_in.write_text('[transfer]\nproxy = "http://me:secret@127.0.0.1:1"\n')
        drop_in.chmod(0o600)
        self.give_to_root()
        said = self.assert_refused(EX_CONFIG, str(drop_in), "--check-config", account={})
        self.assertIn(f"the user {self.daemon.account.user}", said)
        os.chown(drop_in, 0, self.daemon.account.gid)
        drop_in.chmod(0o640)
        done = self.run_concd("--check-config", account={})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(is_root(), "needs root")
    def test_root_is_told_of_a_user_or_a_group_that_does_not_exist(self):
        for key in ("user", "socket_group"):
            with self.subTest(key):
                before = self.daemon.config["daemon"][key]
                self.daemon.configure({"daemon": {key: "nobody-here"}})
                self.give_to_root()
                self.assert_refused(EX_CONFIG, '"nobody-here"', "--check-config", account={})
                self.daemon.configure({"daemon": {key: before}})

    @unittest.skipUnless(is_root(), "needs root")
    def test_root_checks_as_root_where_the_service_is_not_installed(self):
        if any(entry.pw_name == "concd" for entry in pwd.getpwall()):
            self.skipTest("concd is installed here")
        self.daemon.configure({"daemon": {"user": "concd", "socket_group": "concd"}})
        self.give_to_root()
        self.daemon.config_file.chmod(0o600)
        done = self.run_concd("--check-config", account={})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_missing_configuration_that_was_asked_for_is_an_error(self):
        self.daemon.config_file.unlink()
        self.assert_refused(EX_CONFIG, "concd.toml")


class FromAShell(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        adopt_orphans()

    def start(self, **options):
        """Daemonizes; the daemon's pid. Its end is checked in the cleanup."""
        done = self.run_concd(**options)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        pid = int((self.daemon.runtime / "concd.pid").read_text())
        self.addCleanup(self.end, pid)
        return pid

    def end(self, pid):
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(wait_end(pid), 0)
        self.assertEqual((self.daemon.runtime / "concd.pid").read_text(), "")

    def test_returns_only_once_the_daemon_listens(self):
        self.start()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.daemon.socket))
        self.assertEqual(self.daemon.call("Status")["pid"], int((self.daemon.runtime / "concd.pid").read_text()))

    def test_the_daemon_is_detached_as_daemon_7_says(self):
        pid = self.start(umask=0o777)
        process = stat(pid)
        self.assertEqual(process["ppid"], os.getpid(), "its parent is whoever adopts orphans")
        self.assertEqual(process["tty"], 0)
        self.assertNotEqual(process["session"], pid, "it leads no session, so it can never get a terminal")
        self.assertNotEqual(process["session"], stat(os.getpid())["session"])
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        for fd in range(3):
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{fd}"), "/dev/null")

    def test_descriptors_and_signal_settings_of_the_starter_are_dropped(self):
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as pipe:
            def ignore():
                signal.signal(signal.SIGUSR1, signal.SIG_IGN)
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            self.start(pass_fds=(writer,), preexec_fn=ignore)
            os.close(writer)
            self.assertTrue(select.select([pipe], [], [], 5)[0], "the daemon holds the starter's descriptor open")

    def test_the_pid_file_is_locked_while_it_runs(self):
        self.start()
        with open(self.daemon.runtime / "concd.pid") as file:
            with self.assertRaises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def test_a_second_instance_is_refused_with_the_pid_of_the_first(self):
        pid = self.start()
        self.assert_refused(EX_UNAVAILABLE, str(pid))
        self.assert_refused(EX_UNAVAILABLE, str(pid), "--foreground")
        self.assertEqual(self.daemon.call("Status")["pid"], pid)

    def test_a_second_instance_on_the_same_state_is_refused_wherever_it_would_listen(self):
        pid = self.start()
        self.daemon.configure({"daemon": {"runtime_directory": self.daemon.folder / "another"}})
        self.daemon.account.own(self.daemon.folder)
        self.assert_refused(EX_UNAVAILABLE, str(pid))
        self.assertEqual(self.daemon.call("Status")["pid"], pid)

    def test_a_dead_daemons_pid_file_and_socket_are_no_obstacle(self):
        pid = self.start()
        self._cleanups.pop()  # this one does not end in order
        os.kill(pid, signal.SIGKILL)
        wait_end(pid)
        self.start()
        self.daemon.call("Status")

    def test_a_socket_on_which_another_process_listens_is_left_to_it(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.daemon.socket))
            other.listen()
            inode = self.daemon.socket.stat().st_ino
            for arguments in ((), ("--foreground",)):
                with self.subTest(arguments):
                    said = self.assert_refused(EX_UNAVAILABLE, f"{self.daemon.socket} is listened on", *arguments)
                    self.assertIn("systemctl start concd", said)
                    self.assertEqual(self.daemon.socket.stat().st_ino, inode)
        self.daemon.socket.unlink()
        self.daemon.account.own(self.daemon.runtime)
        self.start()

    def test_a_start_that_fails_late_gives_its_true_status_and_message(self):
        (self.daemon.state / "queue.db").write_bytes(b"this is not a database" * 1000)
        self.daemon.account.own(self.daemon.state / "queue.db")
        self.assert_refused(1, "queue.db")
        self.assertEqual((self.daemon.state / "queue.db").read_bytes(), b"this is not a database" * 1000)

    def test_the_log_goes_to_a_file_where_there_is_no_journal(self):
        if pathlib.Path("/run/systemd/journal/socket").exists():
            self.skipTest("a journal is here, and gets the log")
        self.start()
        self.daemon.call("Status")  # it listens a moment before it says so in its log
        self.assertIn("is ready", (self.daemon.state / "concd.log").read_text())
        self.assertEqual((self.daemon.state / "concd.log").stat().st_mode & 0o077, 0)

    def test_jobs_are_done_in_the_background(self):
        self.start()
        with Origin() as origin:
            self.assertEqual(self.daemon.concctl("download", origin.url("/file/100/x")).code, OK)

    @unittest.skipUnless(is_root(), "needs root")
    def test_root_becomes_the_configured_user_and_the_socket_is_that_users(self):
        self.give_to_root()
        pid = self.start(account={})
        self.assertEqual(set(uids(pid)), {str(self.daemon.account.uid)})
        status = self.daemon.socket.stat()
        self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o777),
                         (self.daemon.account.uid, self.daemon.account.gid, 0o660))
        with Origin() as origin:
            self.assertEqual(self.daemon.concctl("download", origin.url("/file/100/x")).code, OK)

    @unittest.skipUnless(is_root(), "needs root")
    def test_what_root_started_can_be_started_by_the_user_the_next_time(self):
        self.give_to_root()
        self.end(self.start(account={}, umask=0o077))
        self._cleanups.pop()
        self.start()
        self.daemon.call("Status")

    @unittest.skipUnless(is_root(), "needs root")
    def test_root_is_no_user_to_become(self):
        self.daemon.configure({"daemon": {"user": "root"}})
        os.chown(self.daemon.config_file, 0, 0)
        for path in (self.daemon.folder, self.daemon.catalog_folder, self.daemon.catalog_folder / "test.toml"):
            os.chown(path, 0, 0)
        self.assert_refused(1, "root", account={})


class Environment(DaemonCase):
    def test_the_starters_environment_changes_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as trap:
            proxy = f"http://127.0.0.1:{trap.getsockname()[1]}"
            self.daemon.stop()
            self.daemon.start({"http_proxy": proxy, "HTTP_PROXY": proxy, "all_proxy": proxy, "ALL_PROXY": proxy,
                               "CURL_CA_BUNDLE": "/nowhere", "SSL_CERT_FILE": "/nowhere", "TMPDIR": "/nowhere",
                               "HOME": "/nowhere"})
            for executor in ("thread", "process"):
                finished = self.concctl("download", "--executor", executor, self.url(seed=executor), "-o", executor)
                self.assert_delivered(finished, seed=executor)
            trap.setblocking(False)
            with self.assertRaises(BlockingIOError):
                trap.accept()
            url = self.url(stall=10, seed="environ")
            job = self.daemon.download(url, executor="process")
            self.origin.wait_sent(url, 10)
            worker = self.daemon.log.wait_for("started", job)[0].fields["CONCD_WORKER_PID"]
            inherited = pathlib.Path(f"/proc/{worker}/environ").read_text()
            self.daemon.call("Cancel", id=job)
            for name in ("proxy", "CURL", "SSL_CERT", "TMPDIR", "HOME"):
                self.assertNotIn(name.lower(), inherited.lower())

    def test_the_keys_of_tls_are_not_written_where_the_starter_wishes(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            certificates = Certificates(folder)
            keys = self.home / "keys"
            self.daemon.configure({"transfer": {"ca_file": certificates.ca}})
            self.daemon.stop()
            self.daemon.start({"SSLKEYLOGFILE": str(keys)})
            with Origin(certificate=certificates.path("good")) as origin:
                self.assert_code(OK, self.concctl("download", origin.url("/file/10/x")))
            self.assertFalse(keys.exists())
            self.daemon.configure({"transfer": {"ca_file": ""}})
            self.daemon.restart()

    def test_a_configured_proxy_is_used(self):
        with Origin() as proxy:
            self.daemon.configure({"transfer": {"proxy": f"http://127.0.0.1:{proxy.port}"}})
            self.daemon.reload()
            try:
                self.concctl("download", "http://far.invalid/file/10/x")
            finally:
                self.daemon.configure({"transfer": {"proxy": ""}})
                self.daemon.reload()
            self.assertEqual(proxy.requests()[0].target, "http://far.invalid/file/10/x")


class Reload(DaemonCase):
    def test_reads_config_and_catalog_anew(self):
        self.daemon.write_catalog(f'["new"]\nurls = ["{self.url(10)}"]\n', "new.toml")
        self.assertEqual(self.daemon.reload().event, "reloaded")
        self.assert_delivered(self.concctl("download", "new"), 10)

    def test_a_bad_file_keeps_the_old_state_and_says_why(self):
        self.daemon.write_catalog("nonsense", "bad.toml")
        self.addCleanup((self.daemon.catalog_folder / "bad.toml").unlink)
        refused = self.daemon.reload()
        self.assertEqual(refused.event, "reload-refused")
        self.assertIn("bad.toml:1", refused.fields["CONCD_ERROR"])
        self.assertIn("Archivo1.txt", self.assert_code(OK, self.concctl("catalog")).stdout)
        self.daemon.notify.wait_for("RELOADING", "1")
        self.assertIn("MONOTONIC_USEC", self.daemon.notify.wait_for("RELOADING", "1")[1])

    def warnings_of_reload(self, threads):
        """How often a reload with so many threads says that they need a restart."""
        said = "counts from the next restart on"
        before = self.daemon.log.text().count(said)
        self.daemon.configure({"transfer": {"threads": threads}})
        self.daemon.reload()
        return self.daemon.log.text().count(said) - before

    def test_what_needs_a_restart_is_told_as_long_as_it_differs_from_what_runs(self):
        self.assertEqual(self.warnings_of_reload(3), 1)
        self.assertEqual(self.warnings_of_reload(3), 1)
        self.assertEqual(self.warnings_of_reload(2), 0)

    def test_running_jobs_do_not_notice(self):
        url = self.url(hold=10)
        process = self.popen("download", url)
        self.origin.wait_sent(url, 10)
        self.assertEqual(self.daemon.reload().event, "reloaded")
        self.origin.release(url)
        self.assert_delivered(self.daemon.collect(process))
        self.assertEqual(len(self.origin.requests(url)), 1)


class Recovery(LifecycleCase):
    def damage(self):
        """Runs a job, then makes the queue's tables unreadable; returns the job's id and the damaged bytes."""
        self.daemon.start()
        job = self.daemon.download("Archivo1.txt")
        self.daemon.wait(job)
        self.daemon.stop()
        file = self.daemon.state / "queue.db"
        content = bytearray(file.read_bytes())
        content[200:4096] = b"\xa5" * 3896
        file.write_bytes(content)
        return file, bytes(content)

    def test_a_damaged_queue_is_refused_and_kept_until_recovery_is_asked_for(self):
        file, content = self.damage()
        said = self.assert_refused(1, "is damaged")
        self.assertIn("concd --recover", said)
        self.assertEqual(file.read_bytes(), content)
        done = self.run_concd("--recover")
        self.assertEqual(done.returncode, 0, done)
        [aside] = self.daemon.state.glob("queue.db.damaged-*")
        self.assertIn(str(aside), done.stdout)
        self.assertEqual(aside.read_bytes(), content)
        self.assertEqual(file.owner(), self.daemon.account.user)
        self.daemon.start()
        self.assertEqual(self.daemon.wait(self.daemon.download("Archivo1.txt"))[0]["state"], "done")

    def test_what_is_whole_needs_no_recovery(self):
        self.daemon.start()
        job = self.daemon.download("Archivo1.txt")
        self.daemon.wait(job)
        self.assert_refused(EX_UNAVAILABLE, f"with pid {self.daemon.pid}", "--recover")
        self.daemon.stop()
        done = self.run_concd("--recover")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("needs no recovery", done.stdout)
        self.daemon.start()
        self.assertEqual(self.daemon.job(job)["state"], "done")


if __name__ == "__main__":
    sys.exit(unittest.main())
