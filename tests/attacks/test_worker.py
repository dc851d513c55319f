"""A worker that has been taken over gets nowhere, and one that stands still is ended."""

import os
import pathlib
import shutil
import signal
import socket
import unittest

from tests.integration.case import OK, DaemonCase

BUILT = pathlib.Path(os.environ["CONCD_BIN_DIR"]) / "tests/attacks"
SANITIZED = os.environ.get("CONCD_SANITIZED")
ENDED = r"was ended by its sandbox \(SIGSYS\)"
REFUSED = "refused: Permission denied"
POSSIBLE = "it was possible"


@unittest.skipIf(SANITIZED, "a sanitizer needs more than the sandbox leaves")
class TakenOver(DaemonCase):
    """The worker confines itself as the real one does, and then tries what it is told."""

    @classmethod
    def prepare(cls):
        cls.daemon.use_worker(BUILT / "taken_over_worker")
        cls.archives = cls.daemon._make("archives")
        cls.daemon.configure({"transfer": {"file_roots": [cls.archives]}})
        cls.listener = socket.create_server(("127.0.0.1", 0))
        cls.addClassCleanup(cls.listener.close)
        cls.port = cls.listener.getsockname()[1]

    def victim(self):
        """A file of the daemon's user that no worker was handed."""
        return self.daemon.account.own(self._written(self.home / "victim"))

    @staticmethod
    def _written(path):
        path.write_text("a secret")
        return path

    def failure_of(self, job):
        [ended] = self.daemon.wait(job)
        self.assertEqual(ended["state"], "failed", ended)
        return ended["failure"]["message"]

    def transferring(self, plan):
        """How it went in a worker that may use the network."""
        return self.failure_of(self.daemon.download(f"http://127.0.0.1:1/{plan}", executor="process"))

    def unpacking(self, plan):
        """How it went in a worker that unpacks: its archive says what to try."""
        name = f"archive-{len(os.listdir(self.archives))}"
        archive = self.daemon.account.own(self._written(self.archives / name))
        archive.write_text(plan)
        self.daemon.write_catalog(f'["{name}"]\nurls = ["file://{archive}"]\nunpack = true\n')
        self.assertEqual(self.daemon.reload().event, "reloaded")
        return self.failure_of(self.daemon.download(name))

    def assert_refused(self, expected, *plans, ways=None):
        for way in ways or (self.transferring, self.unpacking):
            for plan in plans:
                with self.subTest(plan, way=way.__name__):
                    self.assertRegex(way(plan), expected)

    def test_no_file_can_be_read_that_the_work_does_not_need(self):
        secrets = [self.daemon.state / "queue.db", self.victim(), self.daemon.config_file, "/etc/passwd", "/etc/shadow",
                   "/proc/1/status"]
        self.assert_refused(REFUSED, *(f"read,{path}" for path in secrets))
        self.assert_refused(REFUSED, *(f"list,{path}" for path in (self.daemon.state, "/home", "/", "/proc")))

    def test_another_partial_file_cannot_be_read_by_the_folder_that_it_holds(self):
        partial = self.daemon.account.own(self._written(self.daemon.state / "partial/1000000.1"))
        self.addCleanup(partial.unlink, missing_ok=True)
        self.assert_refused(REFUSED, f"read_beside,{partial.name}")
        self.assertIn(POSSIBLE, self.transferring(f"free,read_beside,{partial.name}"))

    def test_nothing_can_be_written_made_renamed_or_removed(self):
        victim = self.victim()
        plans = [f"write,{victim}", f"create,{victim}-2", f"rename,{victim}", f"unlink,{victim}"]
        self.assert_refused(ENDED, *plans, ways=[self.transferring])
        self.assert_refused(REFUSED, *plans, ways=[self.unpacking])
        # Landlock does not ask who changes these, or not everywhere.
        self.assert_refused(ENDED, *(f"{word},{victim}" for word in ("chmod", "truncate", "touch")))
        self.assertEqual((os.listdir(self.home), victim.read_text()), (["victim"], "a secret"))

    def test_the_daemon_cannot_be_reached(self):
        self.assert_refused("refused: Address family not supported", f"connect_path,{self.daemon.socket}",
                            ways=[self.transferring])
        # Where Landlock knows ports it is the first to refuse.
        self.assert_refused(f"{REFUSED}|{ENDED}", "listen,", ways=[self.transferring])
        self.assert_refused(ENDED, f"connect_path,{self.daemon.socket}", f"connect,{self.port}", "listen,",
                            ways=[self.unpacking])

    def test_no_descriptor_can_be_handed_out(self):
        path = self.home / "receiver"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.bind(str(path))
            path.chmod(0o666)
            self.addCleanup(path.unlink)
            self.assert_refused(ENDED, f"send,{path}")
            self.assertIn(POSSIBLE, self.transferring(f"free,send,{path}"))

    def test_no_other_process_can_be_made_traced_or_told(self):
        self.assert_refused(ENDED, "trace,", "signal,", "signal_by_pipe,", "execute,", "fork,", "io_uring,")

    def test_memory_and_files_are_limited_and_nothing_is_written_and_run(self):
        self.assert_refused("refused: Cannot allocate memory", "memory,")
        self.assert_refused("refused: File too large", "make_large,", ways=[self.unpacking])
        self.assert_refused(ENDED, "code,")

    def test_what_it_makes_is_looked_over_whatever_it_says(self):
        for plan, why in (("make_setuid,", "the mode 4755: made"), ("make_writable,", "the mode 0666: made"),
                          ("make_link_out,", "a link leads out of the folder: made"),
                          ("free,make_fifo,", "neither file, folder nor link: made")):
            with self.subTest(plan):
                self.assertIn(f"what was unpacked was refused: {why}", self.unpacking(plan))
        self.assert_refused(ENDED, "make_fifo,", ways=[self.unpacking])

    def test_a_tree_deeper_than_any_archive_needs_is_refused_and_removed(self):
        self.assertIn("what was unpacked was refused: too long or too deep a path", self.unpacking("make_deep,"))
        self.assertEqual(list((self.daemon.state / "partial").iterdir()), [])

    def test_threads_without_end_end(self):
        self.assert_refused("refused: Resource temporarily unavailable", "threads,", ways=[self.transferring])

    def test_it_is_the_sandbox_that_refuses(self):
        victim = self.victim()
        plans = [f"read,{self.daemon.state / 'queue.db'}", f"read,{victim}", "list,/", f"write,{victim}",
                 f"create,{victim}-2", f"connect_path,{self.daemon.socket}", f"connect,{self.port}", "listen,", "signal,",
                 "signal_by_pipe,", f"chmod,{victim}", f"touch,{victim}", f"truncate,{victim}", "fork,", "code,", f"rename,{victim}", f"unlink,{victim}-"]
        for plan in plans:
            with self.subTest(plan):
                self.assertIn(POSSIBLE, self.transferring(f"free,{plan}"))
        self.assertIn("ended with exit code 0", self.transferring("free,execute,"))

    def test_the_journal_tells_it_as_well(self):
        job = self.daemon.download("http://127.0.0.1:1/fork,", executor="process")
        [entry] = self.daemon.log.wait_for("failed", job)
        self.assertRegex(str(vars(entry)), ENDED)


class Real(DaemonCase):
    config = {"worker": {"silence": "3s"}}

    def working(self, **keys):
        """A job, and the worker that fetches it and is held in the middle."""
        url = self.url(hold=50_000, **keys)
        job = self.daemon.download(url, executor="process")
        self.origin.wait_sent(url, 50_000)
        [entry] = self.daemon.log.wait_for("started", job)
        return job, url, int(entry.fields["CONCD_WORKER_PID"])

    @unittest.skipIf(SANITIZED, "a sanitizer needs more than the sandbox leaves")
    def test_a_worker_is_confined_and_has_what_it_was_handed(self):
        job, url, pid = self.working()
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                      if ":\t" in line)
        self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
        self.assertEqual(os.getsid(pid), pid)
        paths = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        here = [path for path in paths if path.startswith(str(self.daemon.folder))]
        self.assertEqual(sorted(path.removeprefix(str(self.daemon.state)).split("/")[1] for path in here),
                         ["partial", "partial"], paths)
        self.origin.release(url)
        self.assert_code(OK, self.concctl("wait", job, "-o", "file"))

    def test_a_worker_that_stands_still_is_killed_and_its_work_done_by_another(self):
        job, url, pid = self.working()
        os.kill(pid, signal.SIGSTOP)
        [entry] = self.daemon.log.wait_for("waiting", job)
        self.assertIn("said nothing for", str(vars(entry)))
        self.origin.release(url)
        self.assert_code(OK, self.concctl("wait", job, "-o", "file"))
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())

    def test_a_worker_that_waits_for_its_server_is_left_alone(self):
        job, url, _ = self.working()
        other, other_url, still = self.working(seed="other")
        os.kill(still, signal.SIGSTOP)
        self.daemon.log.wait_for("waiting", other)
        self.origin.release(url)
        self.origin.release(other_url)
        self.assert_code(OK, self.concctl("wait", job, "-o", "file"))
        self.assertEqual(self.daemon.job(job)["attempts"], 1)


@unittest.skipIf(SANITIZED, "a sanitizer needs more than the sandbox leaves")
class Kernel(DaemonCase):
    """What the kernel has not is done without, and told."""

    lacking = ("landlock_create_ruleset",)

    @classmethod
    def prepare(cls):
        without = cls.daemon.folder / "without"
        shutil.copy2(BUILT / "without", without)
        script = cls.daemon.folder / "start"
        script.write_text(f'#!/bin/sh\nexec {without} {" ".join(cls.lacking)} -- {cls.daemon.program} "$@"\n')
        for program in (without, script):
            program.chmod(0o755)
        cls.daemon.program = script

    def tearDown(self):
        self.daemon.configure({"worker": {"sandbox": "auto"}})
        self.daemon.reload()

    def fetched_by_a_process(self):
        [job] = self.daemon.wait(self.daemon.download(self.url(seed=os.urandom(4).hex()), executor="process"))
        return job

    def test_without_landlock_it_works_by_seccomp_and_says_so(self):
        self.assertEqual(self.fetched_by_a_process()["state"], "done")
        status = self.daemon.call("Status")
        self.assertEqual((status["landlock"], status["seccomp"]), (0, True))
        [entry] = self.daemon.log.wait_for("workers-confined")
        self.assertIn("seccomp but no Landlock", str(vars(entry)))
        self.assertIn("confined by seccomp alone", self.assert_code(OK, self.concctl("status")).stdout)

    def test_where_both_are_required_it_refuses(self):
        self.daemon.configure({"worker": {"sandbox": "require"}})
        self.assertEqual(self.daemon.reload().event, "reloaded")
        job = self.fetched_by_a_process()
        self.assertEqual(job["state"], "failed")
        self.assertIn("seccomp but no Landlock, and worker.sandbox requires both", job["failure"]["message"])


@unittest.skipIf(SANITIZED, "a sanitizer needs more than the sandbox leaves")
class WholeKernel(DaemonCase):
    config = {"worker": {"sandbox": "require"}}

    def test_where_both_are_there_they_may_be_required(self):
        status = self.daemon.call("Status")
        if not (status["landlock"] and status["seccomp"]):
            self.skipTest("this kernel has not both")
        self.assert_delivered(self.concctl("download", "--executor", "process", self.url()))
        self.assertIn("Landlock and seccomp", self.assert_code(OK, self.concctl("status")).stdout)


if __name__ == "__main__":
    unittest.main()
