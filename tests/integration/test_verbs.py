"""list, show, cancel, pause, resume, retry, status, catalog, monitor, version."""

import json
import select
import signal
import unittest

from tests.integration.case import CANCELLED, OK, OTHER, SERVER, DaemonCase


class Verbs(DaemonCase):
    def running(self, **keys):
        """A job that is held after ten bytes, with its URL."""
        url = self.url(**{"hold": 10, **keys})
        with self.daemon.events() as events:
            job = self.daemon.download(url)
            events.wait_received(job, 10)
        return job, url

    def lines(self, finished):
        self.assert_code(OK, finished)
        return [json.loads(line) for line in finished.stdout.splitlines()]

    def test_list_shows_the_unfinished_and_with_all_the_ended(self):
        job, url = self.running()
        self.assertIn(job, [line["id"] for line in self.lines(self.concctl("list", "--json"))])
        self.origin.release(url)
        self.daemon.wait(job)
        self.assertNotIn(job, [line["id"] for line in self.lines(self.concctl("list", "--json"))])
        self.assertIn(job, [line["id"] for line in self.lines(self.concctl("list", "--all", "--json"))])
        self.assertIn(str(job), self.concctl("list", "--all").stdout)

    def test_show_tells_all_about_a_job(self):
        job, url = self.running()
        [shown] = self.lines(self.concctl("show", "--json", job))
        self.assertEqual((shown["id"], shown["state"], shown["total"]), (job, "running", 100_000))
        text = self.assert_code(OK, self.concctl("show", job)).stdout
        self.assertIn("127.0.0.1", text)
        self.origin.release(url)
        self.daemon.wait(job)
        [shown] = self.lines(self.concctl("show", "--json", job))
        self.assertEqual((shown["state"], shown["received"]), ("done", 100_000))

    def test_pause_keeps_what_was_fetched_and_resume_continues_it(self):
        url = self.url(hold=60_000)
        with self.daemon.events() as events:
            job = self.daemon.download(url)
            events.wait_received(job, 60_000)
            self.assert_code(OK, self.concctl("pause", job))
            self.assertEqual(self.daemon.job(job)["state"], "paused")
            self.origin.release(url)
            self.assert_code(OK, self.concctl("resume", job))
            events.wait_for("done", job)
        self.assert_delivered(self.concctl("wait", job, "-o", "file"))
        self.assertIn("range", self.origin.requests(url)[-1].headers)

    def test_a_wait_goes_on_over_pause_and_resume(self):
        job, url = self.running()
        process = self.popen("wait", job, "-o", "file")
        self.assert_code(OK, self.concctl("pause", job))
        self.origin.release(url)
        self.assert_code(OK, self.concctl("resume", job))
        self.assert_delivered(self.daemon.collect(process))

    def test_verbs_that_do_not_apply_say_so(self):
        job, url = self.running()
        self.assert_code(OTHER, self.concctl("resume", job))
        self.assert_code(OTHER, self.concctl("retry", job))
        self.origin.release(url)
        self.daemon.wait(job)
        for verb in ("cancel", "pause", "resume", "retry"):
            self.assert_code(OTHER, self.concctl(verb, job))

    def test_retry_starts_a_cancelled_job_anew(self):
        job, url = self.running()
        self.assert_code(OK, self.concctl("cancel", job))
        self.assert_code(CANCELLED, self.concctl("wait", job, "-o", "file"))
        self.origin.release(url)
        self.assert_code(OK, self.concctl("retry", job))
        self.assert_delivered(self.concctl("wait", job, "-o", "file"))

    def test_retry_starts_a_failed_job_anew(self):
        url = self.url(status=404, times=1)
        self.assert_code(SERVER, self.concctl("download", url))
        job = self.daemon.call("List", finished=True, limit=1)["jobs"][0]["id"]
        self.assert_code(OK, self.concctl("retry", job))
        self.assert_delivered(self.concctl("wait", job))

    def test_retry_lets_a_waiting_job_go_on_at_once(self):
        url = self.url(status=503, retry_after=3600, times=1)
        with self.daemon.events() as events:
            job = self.daemon.download(url)
            waiting = events.wait_for("waiting", job)
            self.assertGreater(waiting["wait"]["until"], waiting["created"] + 3_500_000_000)
            self.assertEqual(waiting["wait"]["kind"], "retry")
            self.assertIn("503", waiting["wait"]["message"])
            self.assert_code(OK, self.concctl("retry", job))
            events.wait_for("done", job)

    def test_cancelling_one_of_two_leaves_the_other(self):
        job, url = self.running()
        second = self.daemon.download(url)
        self.assert_code(OK, self.concctl("cancel", job))
        self.origin.release(url)
        self.assert_delivered(self.concctl("wait", second, "-o", "file"))
        self.assertEqual(self.daemon.job(job)["state"], "cancelled")

    def test_status_counts(self):
        job, url = self.running()
        [status] = self.lines(self.concctl("status", "--json"))
        self.assertEqual(status["pid"], self.daemon.pid)
        self.assertGreaterEqual(status["active"], 1)
        self.assertGreater(status["free"], 0)
        self.assertIn(str(self.daemon.pid), self.concctl("status").stdout)
        done = status["done"]
        self.origin.release(url)
        self.daemon.wait(job)
        [status] = self.lines(self.concctl("status", "--json"))
        self.assertGreater(status["done"], done)

    def test_catalog_lists_the_names(self):
        names = [line["name"] for line in self.lines(self.concctl("catalog", "--json"))]
        self.assertEqual(names, ["Archivo1.txt", "Archivo2.txt"])
        self.assertIn("Archivo2.txt", self.concctl("catalog").stdout)

    def test_monitor_tells_every_step_of_a_job(self):
        process = self.popen("monitor", "--json")
        self.addCleanup(process.stdout.close)
        # Cancelled jobs are told until the monitor proves to be there.
        seen = []
        job = None
        url = self.url(hold=10)
        with self.daemon.client() as client:
            while not seen:
                probe = client.call("Download", source=self.url(stall=1, seed="probe"))["id"]
                client.call("Cancel", id=probe)
                if select.select([process.stdout], [], [], 0.05)[0]:
                    seen.append(json.loads(process.stdout.readline()))
            job = client.call("Download", source=url)["id"]
        self.origin.wait_sent(url, 10)
        self.origin.release(url)
        words = []
        while "done" not in words:
            event = json.loads(process.stdout.readline())
            if event["job"]["id"] == job:
                words.append(event["event"])
        self.assertEqual([word for word in words if word != "progress"], ["accepted", "started", "publishing", "done"])
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stderr.close()

    def test_version_tells_both(self):
        finished = self.assert_code(OK, self.concctl("version"))
        self.assertIn("concctl", finished.stdout)
        self.assertIn("concd", finished.stdout)

    def test_help_is_there_for_every_verb(self):
        for verb in ("download", "wait", "list", "show", "cancel", "pause", "resume", "retry", "priority", "status", "catalog",
                     "monitor", "version"):
            self.assertIn("--json", self.assert_code(OK, self.concctl(verb, "--help")).stdout)


class BigCatalog(DaemonCase):
    NAMES = [f"name-{number:05}" for number in range(12_000)]
    catalog = "".join(f'["{name}"]\nurl = "https://origin.example/some/folder/{name}.tar.gz"\n' for name in NAMES)

    def test_a_catalog_of_more_than_one_message_is_listed_whole(self):
        finished = self.assert_code(OK, self.concctl("catalog", "--json"))
        self.assertEqual([json.loads(line)["name"] for line in finished.stdout.splitlines()], self.NAMES)


class ManyJobs(DaemonCase):
    config = {"queue": {"active": 1}}

    def test_all_unfinished_jobs_are_listed(self):
        held = self.url(hold=10)
        jobs = [self.daemon.download(held), *(self.daemon.download(self.url(number=number)) for number in range(1100))]
        finished = self.assert_code(OK, self.concctl("list", "--json"))
        self.assertEqual([json.loads(line)["id"] for line in finished.stdout.splitlines()], jobs)


class KeptJobs(DaemonCase):
    config = {"queue": {"active": 1, "keep_finished_count": 3}}

    def test_no_more_ended_jobs_are_kept_than_wanted(self):
        # What else has just ended would be kept a while.
        held = self.daemon.download(self.url(hold=10))
        jobs = [self.daemon.download(self.url(10, number=number)) for number in range(7)]
        for job in jobs:
            self.daemon.call("Cancel", id=job)
        self.assertEqual(self.daemon.reload().event, "reloaded")
        self.assertEqual([job["id"] for job in self.daemon.call("List", finished=True)["jobs"]], [held, *jobs[-3:]])


if __name__ == "__main__":
    unittest.main()
