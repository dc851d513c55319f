"""Each class of failure ends concctl with its own code, and publishes nothing."""

import os
import signal
import socket
import tempfile
import unittest

from tests.integration.case import (AUTHENTICATION, CANCELLED, FILE, INTERRUPTED, NETWORK, NO_DAEMON, NOT_PERMITTED, OK,
                                    SERVER, TIMEOUT, TLS, USAGE, VERIFICATION, DaemonCase)
from tests.support.account import is_root, other_account
from tests.support.certificates import Certificates
from tests.support.daemon import Daemon
from tests.support.origin import Origin


class ExitCodes(DaemonCase):
    @classmethod
    def prepare(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        cls.certificates = Certificates(folder.name)
        cls.daemon.configure({"transfer": {"ca_file": cls.certificates.ca}})

    def fails(self, code, *arguments, **options):
        finished = self.assert_code(code, self.concctl("download", *arguments, **options))
        self.assertEqual(finished.stdout, "")
        self.assertEqual(os.listdir(self.home), [])
        return finished.stderr

    def test_an_unknown_name_is_a_usage_error_that_names_the_nearest(self):
        said = self.fails(USAGE, "Archivo1.tx")
        self.assertIn("Archivo1.txt", said)

    def test_a_scheme_that_is_not_allowed_is_a_usage_error(self):
        for url in ("gopher://127.0.0.1/x", "file:///etc/hostname", "sim://Archivo1.txt", "http://"):
            with self.subTest(url):
                self.fails(USAGE, url)

    def test_a_wrong_command_line_is_a_usage_error(self):
        for arguments in (["download"], ["frobnicate"], ["wait", "x"], ["show", "0"],
                          ["download", "--digest", "sha256:12", "http://h/x"]):
            with self.subTest(arguments):
                self.assert_code(USAGE, self.concctl(*arguments))

    def test_a_job_that_does_not_exist_is_a_usage_error(self):
        self.assert_code(USAGE, self.concctl("show", 999_999))

    def test_not_found(self):
        said = self.fails(SERVER, self.origin.url("/nowhere"))
        self.assertIn("404", said)

    def test_server_errors_are_retried_until_patience_ends(self):
        url = self.url(status=503)
        self.fails(SERVER, url)
        self.assertGreater(len(self.origin.requests(url)), 1)

    def test_client_errors_are_not_retried(self):
        url = self.url(status=410)
        self.fails(SERVER, url)
        self.assertEqual(len(self.origin.requests(url)), 1)

    def test_unauthorised(self):
        self.fails(AUTHENTICATION, self.url(auth="me:secret"))
        self.fails(AUTHENTICATION, self.url(status=403))

    def test_userinfo_authenticates(self):
        url = self.origin.url("/file/10/x", userinfo="me:secret", auth="me:secret")
        self.assert_code(OK, self.concctl("download", url))

    def test_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.fails(NETWORK, f"http://127.0.0.1:{port}/x")

    def test_no_such_host(self):
        self.fails(NETWORK, "http://does-not-exist.invalid/x")

    def test_bad_certificates(self):
        for name in ("expired", "wrong_host", "self_signed"):
            with self.subTest(name), Origin(certificate=self.certificates.path(name)) as origin:
                self.fails(TLS, origin.url("/file/10/x"))
                self.assertEqual(origin.requests(), [])

    def test_a_good_certificate(self):
        with Origin(certificate=self.certificates.path("good")) as origin:
            self.assert_code(OK, self.concctl("download", origin.url("/file/10/x")))

    def test_a_wrong_digest_publishes_nothing(self):
        said = self.fails(VERIFICATION, "--digest", "sha256:" + "0" * 64, self.url())
        self.assertIn("sha256", said.lower())
        job = self.daemon.call("List", finished=True, limit=1)["jobs"][0]
        self.assertEqual((job["state"], job["failure"]["kind"]), ("failed", "verification"))
        self.assertIsNone(job.get("path"))
        self.assert_nothing_left(job["id"])

    def test_cancelled(self):
        url = self.url(stall=10)
        with self.daemon.events() as events:
            process = self.popen("download", url)
            job = events.wait_for("started")["id"]
        self.origin.wait_sent(url, 10)
        self.assert_code(OK, self.concctl("cancel", job))
        self.assert_code(CANCELLED, self.daemon.collect(process))
        self.assert_nothing_left(job)

    def test_a_wait_that_runs_out_leaves_the_job_alone(self):
        url = self.url(hold=10)
        job = self.daemon.download(url)
        self.origin.wait_sent(url, 10)
        self.assert_code(TIMEOUT, self.concctl("wait", job, "-o", "file", "--timeout", "50ms"))
        self.assertEqual(self.daemon.job(job)["state"], "running")
        self.origin.release(url)
        self.assert_delivered(self.concctl("wait", job, "-o", "file"))

    def test_interrupt_detaches_and_says_how_to_cancel(self):
        url = self.url(hold=10)
        with self.daemon.events() as events:
            process = self.popen("download", url)
            job = events.wait_for("started")["id"]
        self.origin.wait_sent(url, 10)
        process.send_signal(signal.SIGINT)
        finished = self.assert_code(INTERRUPTED, self.daemon.collect(process))
        self.assertIn(f"cancel {job}", finished.stderr)
        self.assertEqual(self.daemon.job(job)["state"], "running")
        self.origin.release(url)
        self.assert_delivered(self.concctl("wait", job))

    def test_interrupt_cancels_where_that_was_asked_for(self):
        url = self.url(stall=10)
        with self.daemon.events() as events:
            process = self.popen("download", "--cancel-on-interrupt", url)
            job = events.wait_for("started")["id"]
            self.origin.wait_sent(url, 10)
            process.send_signal(signal.SIGINT)
            events.wait_for("cancelled", job)
        self.assertIn(self.daemon.collect(process).code, (CANCELLED, INTERRUPTED))

    def test_a_folder_that_may_not_be_written_is_found_before_the_download(self):
        url = self.url()
        self.assert_code(FILE, self.concctl("download", url, "-o", "/proc/nowhere/x"))
        self.assertEqual(self.origin.requests(url), [])

    @unittest.skipUnless(is_root(), "needs root to be several users")
    def test_another_users_job_may_be_seen_and_not_changed(self):
        url = self.url(stall=10)
        job = self.daemon.download(url)
        self.origin.wait_sent(url, 10)
        other = other_account()
        for verb in ("cancel", "pause"):
            self.assert_code(NOT_PERMITTED, self.concctl(verb, job, account=other))
        self.assert_code(OK, self.concctl("show", job, account=other))
        self.assertEqual(self.daemon.job(job)["state"], "running")
        self.assert_code(OK, self.concctl("cancel", job))

    @unittest.skipUnless(is_root(), "needs root to be several users")
    def test_a_stranger_may_not_use_the_socket(self):
        stranger = other_account().__class__(other_account().uid, other_account().uid)
        finished = self.assert_code(NOT_PERMITTED, self.concctl("status", account=stranger))
        self.assertIn("group", finished.stderr)


class NoDaemon(unittest.TestCase):
    def test_says_how_to_start_it(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        for arguments in (["download", "Archivo1.txt"], ["status"], ["list"]):
            finished = daemon.concctl(*arguments)
            self.assertEqual(finished.code, NO_DAEMON, finished)
            self.assertIn("systemctl start concd", finished.stderr)


if __name__ == "__main__":
    unittest.main()
