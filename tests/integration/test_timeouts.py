"""When a job is given up, and when not."""

import socket
import unittest

from tests.integration.case import DaemonCase
from tests.support.origin import Origin


class Timeouts(DaemonCase):
    config = {"queue": {"active_per_host": 1}, "retry": {"first_contact_timeout": "300ms", "tries": 1000}}

    def lose_patience(self):
        """Until a host that never answers has been given up."""
        self.assertEqual(self.daemon.wait(self.daemon.download("http://localhost:1/x"))[0]["state"], "failed")

    def test_time_in_the_queue_is_no_time_without_an_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def hang_up():
                server.accept()[0].close()
            job, blocker = (self.daemon.download(f"http://127.0.0.1:{server.getsockname()[1]}/{name}") for name in "ab")
            hang_up()
            # The other one has the only place now.
            with server.accept()[0]:
                self.lose_patience()
                self.daemon.call("Cancel", id=blocker)
            hang_up()
            with server.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                self.assertEqual(self.daemon.wait(job)[0]["state"], "done")

    def test_a_host_that_has_answered_somebody_is_waited_for(self):
        with Origin() as origin:
            self.daemon.wait(self.daemon.download(origin.url("/file/10/a")))
        job = self.daemon.download(origin.url("/file/10/b"))
        self.lose_patience()
        with Origin(port=origin.port):
            self.assertEqual(self.daemon.wait(job)[0]["state"], "done")


class NoProgress(DaemonCase):
    config = {"retry": {"no_progress_timeout": "1s", "first_contact_timeout": "1h", "tries": 1000}}
    STARTS = 100

    def wait_tried(self, job, times=3):
        """Until the daemon that runs has tried it so often, or has given it up: then True."""
        for count in range(1, times + 1):
            entries = self.daemon.log.wait_for(("waiting", "failed"), job=job, count=count)
            if entries[-1].event == "failed":
                return True
        return False

    def test_the_deadline_is_met_however_often_the_daemon_is_restarted(self):
        job = self.daemon.download("http://localhost:1/x")
        for _ in range(self.STARTS):
            if self.wait_tried(job):
                break
            self.daemon.restart()
        job = self.daemon.job(job)
        self.assertEqual(job["state"], "failed", job)
        self.assertIn("no progress for", job["failure"]["message"])


class Herd(DaemonCase):
    config = {"queue": {"active_per_host": 2},
              "retry": {"first_delay": "100ms", "first_contact_timeout": "500ms", "tries": 1000}}
    COUNT = 200

    def test_a_host_that_refuses_is_not_tried_by_all_that_is_queued(self):
        with Origin() as origin:
            self.daemon.wait(self.daemon.download(origin.url("/file/10/x")))
        jobs = [self.daemon.download(origin.url(f"/file/10/{number}")) for number in range(self.COUNT)]
        # By the time that another host has been given up all of them could have been tried.
        self.assertEqual(self.daemon.wait(self.daemon.download("http://localhost:1/x"))[0]["state"], "failed")
        tried = {entry.job for entry in self.daemon.log.entries("waiting")}
        self.assertLess(len(tried), self.COUNT // 2)
        with Origin(port=origin.port):
            self.assertEqual({job["state"] for job in self.daemon.wait(*jobs)}, {"done"})


if __name__ == "__main__":
    unittest.main()
