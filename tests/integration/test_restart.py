"""Nothing is lost: stops, crashes and restarts in the middle of things."""

import collections
import fcntl
import os
import signal
import subprocess
import unittest

from tests.integration.case import OK, DaemonCase, sha256
from tests.support import origin_content
from tests.support.origin_script import etag


class Restart(DaemonCase):
    # Nothing may be given up while the daemon is away for a moment on a busy machine.
    config = {"retry": {"first_contact_timeout": "30s"}}

    def held(self, at=600_000, size=1_000_000, executor="thread", **keys):
        """A job that stands still at `at` bytes of `size`, and its URL."""
        url = self.url(size, hold=at, **keys)
        with self.daemon.events() as events:
            job = self.daemon.download(url, executor=executor)
            events.wait_received(job, at)
        return job, url

    def test_sigterm_ends_it_with_zero_and_its_jobs_continue_by_a_validated_range(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                job, url = self.held(executor=executor, seed=executor)
                self.assertEqual(self.daemon.stop(), 0)
                self.origin.release(url)
                self.daemon.start()
                self.assert_delivered(self.concctl("wait", job, "-o", executor), 1_000_000, seed=executor)
                last = self.origin.requests(url)[-1]
                self.assertEqual(last.headers["if-range"], etag(executor))
                self.assertTrue(last.headers["range"].startswith("bytes="))
                self.assertEqual(last.status, 206)

    def test_what_was_checkpointed_is_not_fetched_twice(self):
        job, url = self.held(at=900_000)
        self.daemon.stop()
        self.origin.release(url)
        self.daemon.start()
        self.assert_delivered(self.concctl("wait", job, "-o", "file"), 1_000_000)
        self.assertLess(self.origin.bytes_sent(url), 1_500_000)

    def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(self):
        job, url = self.held()
        self.daemon.stop()
        self.origin.change(url)
        self.origin.release(url)
        self.daemon.start()
        self.assert_delivered(self.concctl("wait", job, "-o", "file"), 1_000_000, version=1)
        self.daemon.log.wait_for(MESSAGE_ID="2ceb65541aae437b85261595cda05f8f", job=job)

    def test_a_changed_file_of_an_origin_that_ignores_if_range_is_not_spliced(self):
        job, url = self.held(range="blind")
        self.daemon.stop()
        self.origin.change(url)
        self.origin.release(url)
        self.daemon.start()
        self.assert_delivered(self.concctl("wait", job, "-o", "file"), 1_000_000, version=1)

    def test_without_a_strong_validator_it_starts_again(self):
        for etag in ("weak", "none"):
            with self.subTest(etag):
                job, url = self.held(seed=etag, etag=etag, lm="none")
                self.daemon.stop()
                self.origin.release(url)
                self.daemon.start()
                self.assert_delivered(self.concctl("wait", job, "-o", etag), 1_000_000, seed=etag)
                self.assertNotIn("range", self.origin.requests(url)[-1].headers)

    def test_a_waiting_client_reconnects_and_ends_well(self):
        url = self.url(777, hold=10)
        process = self.popen("download", url)
        self.origin.wait_sent(url, 10)
        for signum in (signal.SIGTERM, signal.SIGKILL):
            self.daemon.stop(signum)
            if signum == signal.SIGKILL:
                self.origin.release(url)
            self.daemon.start()
        self.assert_delivered(self.daemon.collect(process), 777)
        accepted = [entry for log in self.daemon.logs for entry in log.entries("accepted")
                    if "/777/" in entry.fields["CONCD_URL"]]
        self.assertEqual(len(accepted), 1)

    def test_paused_and_ended_jobs_stay_what_they_were(self):
        paused, url = self.held(seed="paused")
        self.daemon.call("Pause", id=paused)
        cancelled, _ = self.held(seed="cancelled")
        self.daemon.call("Cancel", id=cancelled)
        done = self.daemon.download(self.url(10, seed="done"))
        self.daemon.wait(done)
        self.daemon.kill()
        self.daemon.start()
        states = [self.daemon.job(job)["state"] for job in (paused, cancelled, done)]
        self.assertEqual(states, ["paused", "cancelled", "done"])
        self.assert_nothing_left(cancelled)
        self.origin.release(url)
        self.daemon.call("Resume", id=paused)
        self.assert_delivered(self.concctl("wait", paused, "-o", "file"), 1_000_000, seed="paused")

    def test_it_waits_for_workers_that_outlive_their_daemon(self):
        self.daemon.kill()
        partial = os.open(self.daemon.state / "partial", os.O_RDONLY)
        fcntl.flock(partial, fcntl.LOCK_EX)
        process = subprocess.Popen([self.daemon.program, "--foreground", "--config", self.daemon.config_file], text=True,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **self.daemon.account.options())
        with process, process.stderr:
            self.assertIn("waiting for the workers", process.stderr.readline())
            os.close(partial)
            self.assertIn("is ready", process.stderr.readline())
            process.terminate()
        self.daemon.start()

    def test_while_a_worker_lives_the_partial_files_are_its_own(self):
        job, url = self.held(executor="process")
        worker = int(self.daemon.log.wait_for("started", job)[0].fields["CONCD_WORKER_PID"])
        self.assertIn(str(self.daemon.state / "partial"),
                      [os.readlink(fd.path) for fd in os.scandir(f"/proc/{worker}/fd")])
        self.origin.release(url)
        self.daemon.wait(job)

    def test_what_a_server_asked_for_is_kept_over_a_restart(self):
        url = self.url(status=503, retry_after=3600, times=1)
        with self.daemon.events() as events:
            job = self.daemon.download(url)
            before = events.wait_for("waiting", job)["wait"]
        self.daemon.stop()
        self.daemon.start()
        after = self.daemon.job(job)
        self.assertEqual(after["state"], "waiting")
        self.assertEqual((after["wait"]["kind"], after["wait"]["message"]), ("retry", before["message"]))
        self.assertAlmostEqual(after["wait"]["until"], before["until"], delta=60_000_000)
        self.assertEqual(len(self.origin.requests(url)), 1)
        self.assert_code(OK, self.concctl("retry", job))
        self.assert_delivered(self.concctl("wait", job, "-o", "file"))

    def test_a_lost_answer_can_be_asked_for_again_by_its_token(self):
        url = self.url(10)
        first = self.daemon.download(url, token="token-1")
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.daemon.download(url, token="token-1"), first)


class TwoHundredFiles(DaemonCase):
    """kill -9 in the middle of 200 named downloads, by threads and processes, with clients waiting."""

    COUNT = 200
    config = {"retry": {"first_contact_timeout": "30s"}}

    @classmethod
    def prepare(cls):
        sizes = [1 + index * 997 % 60_000 for index in range(cls.COUNT)]
        # In about four pieces each, so that every crash hits some in the middle.
        cls.files = {f"file-{index}": (size, cls.origin.url(f"/file/{size}/x", seed=f"file-{index}",
                                                            trickle=size // 4 + 1, every=10))
                     for index, size in enumerate(sizes)}
        cls.daemon.write_catalog("".join(
            f'["{name}"]\nurls = ["{url}"]\ndigest = "sha256:{origin_content.digest(size, name)}"\n'
            f'executor = "{"process" if index % 20 == 0 else "thread"}"\n'
            for index, (name, (size, url)) in enumerate(cls.files.items())), "files.toml")

    def test_all_arrive_once(self):
        process = self.popen("download", *self.files)
        for _ in range(3):
            self.daemon.log.wait_for("done", count=10)
            self.daemon.kill()
            self.daemon.start()
            # A slow machine may have got further than the log told.
            if len(self.daemon.call("List")["jobs"]) < 20:
                break
        finished = self.assert_code(OK, self.daemon.collect(process, 120))
        self.assertEqual(sorted(finished.stdout.split()), sorted(str(self.daemon.library / name) for name in self.files))
        for name, (size, _) in self.files.items():
            self.assertEqual(sha256(self.daemon.library / name), origin_content.digest(size, name))
        self.assertEqual({path.name for path in self.daemon.library.iterdir()}, set(self.files))
        self.assertEqual(list((self.daemon.state / "partial").iterdir()), [])
        jobs = self.daemon.call("List", finished=True, limit=1000)["jobs"]
        self.assertEqual(collections.Counter(job["state"] for job in jobs), {"done": self.COUNT})


if __name__ == "__main__":
    unittest.main()
