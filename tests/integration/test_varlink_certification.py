"""Conformance: the certification client of varlink.org's Go implementation against the daemon's own server code.

Needs go and golang-github-varlink-go-dev of Debian.
"""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from tests.support import go
from tests.support.deadline import DEFAULT
from tests.support.varlink import Client, Error

GO_CLIENT = "github.com/varlink/go/cmd/varlink-go-certification"
BIN_DIR = pathlib.Path(os.environ.get("CONCD_BIN_DIR", "build/dev")).resolve()
PREFIX = "org.varlink.certification."


class Certification(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.go_client = go.build(GO_CLIENT, cls.folder)

    def setUp(self):
        self.socket = self.folder / "socket"
        server = BIN_DIR / "tests" / "support" / "varlink_certification"
        self.server = subprocess.Popen([server, self.socket], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.assertEqual(self.server.stdout.readline(), "listening\n")

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(DEFAULT), 0)
        self.server.stdout.close()
        self.socket.unlink()

    def test_go_client_passes(self):
        # The client ends 0 whatever happens; only the lines that it prints tell.
        done = subprocess.run([self.go_client, "-client", "-varlink", f"unix:{self.socket}"], timeout=DEFAULT,
                              capture_output=True, text=True, check=True)
        self.assertNotIn("failed", done.stdout, done.stdout)
        for number in range(1, 12):
            self.assertIn(f"\nTest{number:02}: ", done.stdout)
        self.assertEqual(done.stdout.count("  Receive: 'Reply number "), 10)
        self.assertTrue(done.stdout.endswith("End: 'true'\n"), done.stdout)

    def test_what_is_out_of_order_or_wrong_fails(self):
        with Client(self.socket) as client:
            client_id = client.call(PREFIX + "Start")["client_id"]
            for method, parameters, error in [
                ("Test01", {"client_id": "nobody"}, PREFIX + "ClientIdError"),
                ("Test01", {"client_id": 1}, "org.varlink.service.InvalidParameter"),
                ("Test01", {"client_id": client_id, "extra": 1}, "org.varlink.service.InvalidParameter"),
                ("Test02", {"client_id": client_id, "bool": True}, PREFIX + "CertificationError"),
                ("Test12", {"client_id": client_id}, "org.varlink.service.MethodNotFound"),
            ]:
                with self.subTest(method=method, parameters=parameters), self.assertRaises(Error) as caught:
                    client.call(PREFIX + method, **parameters)
                self.assertEqual(caught.exception.name, error)


if __name__ == "__main__":
    unittest.main()
