"""A URL's file is written once, into the caller's own hidden file, whatever happens on the way."""

import os
import signal

from tests.integration.case import OK, DaemonCase, sha256
from tests.support.origin_script import etag

SIZE = 1_000_000
CANCELLED, FILE, SERVER, INTERRUPTED = 12, 3, 8, 130


class Direct(DaemonCase):
    # Nothing may be given up while the daemon is away for a moment on a busy machine.
    config = {"retry": {"first_contact_timeout": "30s"}}

    def hidden(self):
        """The files that are not whole yet; each test has a folder of its own."""
        return sorted(self.home.glob(".concctl.*"))

    def held(self, *arguments, at=600_000, **keys):
        """A concctl that waits for what stands still, its job and its URL."""
        url = self.url(SIZE, hold=at, **keys)
        with self.daemon.events() as events:
            process = self.popen("download", url, *arguments)
            job = events.wait_for("accepted")["id"]
            events.wait_received(job, at)
        return process, job, url

    def interrupted(self, **keys):
        process, job, url = self.held(**keys)
        process.send_signal(signal.SIGINT)
        self.assert_code(INTERRUPTED, self.daemon.collect(process))
        return job, url

    def test_there_is_one_copy_and_it_is_the_callers(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                seed = f"one by {executor}"
                process, job, url = self.held("--executor", executor, "-o", executor, seed=seed)
                [hidden] = self.hidden()
                inode = hidden.stat().st_ino
                self.assertEqual(hidden.stat().st_size, 600_000)
                self.assertEqual([path.name for path in (self.daemon.state / "partial").iterdir()
                                  if path.stat().st_size], [])
                self.assertTrue(self.daemon.job(job)["direct"])
                self.origin.release(url)
                path = self.assert_delivered(self.daemon.collect(process), SIZE, seed=seed)
                self.assertEqual(path.stat().st_ino, inode)
                self.assertEqual(os.listdir(self.daemon.state / "results"), [])
                self.assertEqual(self.hidden(), [])

    def test_who_left_and_comes_back_gets_the_same_file(self):
        job, url = self.interrupted()
        [hidden] = self.hidden()
        inode = hidden.stat().st_ino
        self.origin.release(url)
        self.daemon.wait(job)
        path = self.assert_delivered(self.concctl("wait", job), SIZE)
        self.assertEqual((path, path.stat().st_ino), (self.home / "file.bin", inode))
        # Once more it is where it was brought.
        self.assertEqual(self.assert_delivered(self.concctl("wait", job), SIZE), path)
        self.assertEqual(self.hidden(), [])

    def test_who_comes_back_may_want_it_elsewhere(self):
        job, url = self.interrupted()
        self.origin.release(url)
        folder = self.home / "folder"
        folder.mkdir(mode=0o777)
        self.daemon.account.own(folder)
        path = self.assert_delivered(self.concctl("wait", job, "-o", folder), SIZE)
        self.assertEqual(path, folder / "file.bin")
        self.assertEqual(self.hidden(), [])

    def test_a_crash_of_the_daemon_costs_what_was_not_on_the_disk(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                process, job, url = self.held("--executor", executor, "-o", executor, seed=executor)
                [hidden] = self.hidden()
                inode = hidden.stat().st_ino
                self.daemon.stop()  # checkpointed
                self.daemon.start()
                self.origin.wait_for(url, 2)
                self.daemon.kill()
                self.origin.release(url)
                self.daemon.start()
                path = self.assert_delivered(self.daemon.collect(process), SIZE, seed=executor)
                self.assertEqual(path.stat().st_ino, inode)
                self.assertEqual(self.origin.requests(url)[-1].headers["if-range"], etag(executor))
                self.assertEqual(self.daemon.log.entries("file-lost"), [])

    def test_a_file_that_changed_is_fetched_anew_and_delivered_all_the_same(self):
        process, _, url = self.held()
        self.daemon.stop()
        self.origin.change(url)
        self.origin.release(url)
        self.daemon.start()
        self.assert_delivered(self.daemon.collect(process), SIZE, version=1)
        self.assertEqual(self.hidden(), [])

    def test_nothing_is_left_of_what_is_cancelled(self):
        process, job, _ = self.held()
        self.assert_code(OK, self.concctl("cancel", job))
        self.assert_code(CANCELLED, self.daemon.collect(process))
        self.assertEqual(os.listdir(self.home), [])

    def test_nothing_is_left_of_what_is_cancelled_while_nobody_waits(self):
        job, _ = self.interrupted()
        self.assertEqual(len(self.hidden()), 1)
        self.assert_code(OK, self.concctl("cancel", job))
        self.assertEqual(os.listdir(self.home), [])

    def test_nothing_is_left_of_what_fails(self):
        self.assert_code(SERVER, self.concctl("download", self.url(status=404)))
        self.assertEqual(os.listdir(self.home), [])

    def test_the_same_twice_is_fetched_once_and_copied(self):
        first, job, url = self.held("-o", "first")
        second = self.popen("download", url, "-o", "second")
        self.daemon.log.wait_for("accepted", job + 1)
        self.assertEqual(self.daemon.job(job + 1)["transfer"], self.daemon.job(job)["transfer"])
        self.origin.release(url)
        for process in (first, second):
            self.assert_delivered(self.daemon.collect(process), SIZE)
        self.assertEqual(len(self.origin.requests(url)), 1)
        self.assertEqual(self.hidden(), [])

    def test_what_was_lost_is_told(self):
        job, url = self.interrupted()
        self.hidden()[0].unlink()
        self.origin.release(url)
        self.daemon.wait(job)
        finished = self.assert_code(FILE, self.concctl("wait", job))
        self.assertIn("gone from", finished.stderr)


class ManyFiles(DaemonCase):
    def test_each_is_the_callers_own_also_when_all_are_done_at_once(self):
        urls = [self.url(100 + number, seed=f"{number}", name=f"{number}") for number in range(600)]
        process = self.popen("download", *urls)
        with self.daemon.client() as client:
            while len(client.call("List", finished=True)["jobs"]) < len(urls):
                pass
            process.send_signal(signal.SIGSTOP)
            while client.call("Status")["done"] < len(urls):
                pass
        process.send_signal(signal.SIGCONT)
        finished = self.assert_code(OK, self.daemon.collect(process))
        for number, path in enumerate(finished.stdout.split()):
            self.assertEqual(sha256(path), self.digest(100 + number, seed=f"{number}"))
        jobs = self.daemon.call("List", finished=True)["jobs"]
        self.assertEqual({job["direct"] for job in jobs}, {True})
        self.assertEqual(list(self.home.glob(".*")), [])


class ManyMoreThanAreKept(DaemonCase):
    config = {"queue": {"keep_finished_count_per_user": 600, "active": 50, "active_per_host": 50}}

    def test_what_is_waited_for_is_delivered_though_the_daemon_forgets_it_soon(self):
        urls = [self.url(10, seed=f"{number}", name=f"{number}") for number in range(2_500)]
        finished = self.assert_code(OK, self.concctl("download", "-q", *urls))
        self.assertEqual(len(set(finished.stdout.split())), len(urls))
