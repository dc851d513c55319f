"""Which jobs run first: concctl priority, and download --priority."""

import json
import unittest

from tests.integration.case import NOT_PERMITTED, OK, OTHER, USAGE, DaemonCase
from tests.support.account import is_root, other_account


class Priorities(DaemonCase):
    """One transfer at a time, so that the order is seen; it is held until all others are queued."""

    config = {"queue": {"active": 1}, "retry": {"first_contact_timeout": "30s"}}

    def setUp(self):
        super().setUp()
        self.held = self.url(name="held", hold=10)
        self.addCleanup(self.origin.release, self.held)
        self.first = self.daemon.download(self.held)
        self.origin.wait_sent(self.held, 10)

    def queued(self, name, *options, **more):
        """The id of a job that concctl hands over and leaves alone."""
        finished = self.concctl("download", "--no-block", *options, self.url(10, name), **more)
        return int(self.assert_code(OK, finished).stdout)

    def order(self, *jobs):
        """The jobs in the order in which they were started, once all have ended."""
        self.origin.release(self.held)
        ended = self.daemon.wait(self.first, *jobs)
        self.assertEqual({job["state"] for job in ended}, {"done"})
        for job in jobs:
            self.daemon.log.wait_for("started", job)
        return [entry.job for entry in self.daemon.log.entries("started") if entry.job in jobs]

    def priority(self, *arguments, code=OK, **options):
        return self.assert_code(code, self.concctl("priority", *arguments, **options))

    def test_the_higher_one_starts_first_and_among_equals_the_older_one(self):
        low, normal, high, foreground, second = (
            self.queued("low", "--priority", "low"), self.queued("normal"), self.queued("high", "--priority", "high"),
            self.queued("foreground", "--priority=foreground"), self.queued("second"))
        self.assertEqual(self.order(low, normal, high, foreground, second), [foreground, high, normal, second, low])

    def test_it_can_be_changed_while_a_job_waits(self):
        jobs = [self.queued(str(number)) for number in range(4)]
        said = self.priority("high", jobs[2], jobs[3])
        self.assertIn("priority high", said.stderr)
        self.priority("low", jobs[0])
        [shown] = [json.loads(line) for line in self.priority("foreground", jobs[3], "--json").stdout.splitlines()]
        self.assertEqual((shown["id"], shown["priority"]), (jobs[3], "foreground"))
        self.assertIn("foreground", self.concctl("show", jobs[3]).stdout)
        self.daemon.log.wait_for("priority", jobs[3], count=2)
        self.assertEqual(self.order(*jobs), [jobs[3], jobs[2], jobs[1], jobs[0]])

    def test_of_those_who_share_a_transfer_the_highest_counts(self):
        other = self.queued("other")
        shared = [self.queued("shared", "--priority", level) for level in ("low", "high", "low")]
        self.assertEqual(len({self.daemon.job(job)["transfer"] for job in shared}), 1)
        self.assertEqual(self.order(other, *shared), [*shared, other])

    def test_without_the_one_who_wanted_it_most_it_counts_as_the_others_want_it(self):
        other = self.queued("other")
        shared = [self.queued("shared", "--priority", level) for level in ("low", "high")]
        self.assert_code(OK, self.concctl("cancel", shared[1]))
        self.assertEqual(self.order(other, shared[0]), [other, shared[0]])

    def test_what_runs_is_not_stopped_for_a_higher_one(self):
        higher = self.queued("higher", "--priority", "foreground")
        self.assertEqual(self.daemon.job(higher)["state"], "queued")
        self.assertEqual(self.daemon.job(self.first)["state"], "running")
        self.order(higher)
        self.assertEqual(self.daemon.job(self.first)["attempts"], 1)

    def kept_over(self, end):
        jobs = [self.queued(name) for name in ("first", "second")]
        jobs.append(self.queued("third", "--priority", "foreground"))
        self.priority("high", jobs[1])
        self.priority("low", self.first)
        end()
        self.daemon.start()
        self.assertEqual(self.order(*jobs), [jobs[2], jobs[1], jobs[0]])
        self.assertEqual([self.daemon.job(job)["priority"] for job in (self.first, *jobs)],
                         ["low", "normal", "high", "foreground"])

    def test_it_is_kept_over_a_stop(self):
        self.kept_over(self.daemon.stop)

    def test_it_is_kept_over_a_crash(self):
        self.kept_over(self.daemon.kill)

    def test_a_level_that_does_not_exist_is_a_usage_error(self):
        job = self.queued("waits")
        said = self.priority("highest", job, code=USAGE)
        self.assertIn("foreground", said.stderr)
        self.priority(job, code=USAGE)
        self.priority("high", code=USAGE)
        self.priority("high", 999_999, code=USAGE)
        self.assert_code(USAGE, self.concctl("download", "--no-block", "--priority", "urgent", self.url(10, "wrong")))
        self.assertEqual(self.daemon.job(job)["priority"], "normal")
        self.order(job)

    def test_an_ended_job_has_no_priority_to_change(self):
        job = self.queued("ends")
        self.order(job)
        self.priority("high", job, code=OTHER)

    @unittest.skipUnless(is_root(), "needs root to be several users")
    def test_that_of_another_users_job_cannot_be_changed(self):
        job = self.queued("mine")
        self.priority("high", job, code=NOT_PERMITTED, account=other_account())
        self.assertEqual(self.daemon.job(job)["priority"], "normal")
        self.order(job)


if __name__ == "__main__":
    unittest.main()
