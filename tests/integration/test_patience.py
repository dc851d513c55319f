"""When a job is given up, and when not."""

import socket
import unittest

from tests.integration.case import DaemonCase
from tests.support.origin import Origin


class Patience(DaemonCase):
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


if __name__ == "__main__":
    unittest.main()
