"""When a job is given up, and when not."""

import unittest

from tests.integration.case import DaemonCase


class Patience(DaemonCase):
    config = {"queue": {"active_per_host": 1}, "retry": {"first_contact_timeout": "300ms", "tries": 1000}}

    def test_time_in_the_queue_is_no_time_without_an_answer(self):
        queued, blocker = self.url(drop=1, times=3), self.url(seed="blocker", hold=10)
        job = self.daemon.download(queued)
        other = self.daemon.download(blocker)
        self.origin.wait_sent(blocker, 10)  # it has the only place, after the first try of the other one
        # Another host that does not answer tells when the patience with one has run out.
        nobody = self.daemon.download("http://localhost:1/x")
        self.assertEqual(self.daemon.wait(nobody)[0]["state"], "failed")
        self.origin.release(blocker)
        self.assertEqual([ended["state"] for ended in self.daemon.wait(job, other)], ["done", "done"])


if __name__ == "__main__":
    unittest.main()
