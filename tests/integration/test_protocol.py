"""The wire: limits, refusals, descriptors; a bad or slow peer costs its own connection only."""

import errno
import json
import os
import socket
import unittest

from tests.integration.case import OK, QUEUE_FULL, DaemonCase
from tests.support import origin_content, varlink


class Wire(DaemonCase):
    def raw(self, data):
        """What comes back for these bytes until the daemon hangs up or has answered once."""
        with self.daemon.client() as client:
            client.send_raw(data)
            try:
                return client.receive()
            except ConnectionError:
                return None

    def error(self, method, **parameters):
        with self.assertRaises(varlink.Error) as caught:
            self.daemon.call(method, **parameters)
        return caught.exception

    def test_describes_itself(self):
        info = self.daemon.call("org.varlink.service.GetInfo")
        self.assertIn("io.concd", info["interfaces"])
        text = self.daemon.call("org.varlink.service.GetInterfaceDescription", interface="io.concd")["description"]
        for method in ("Download", "Wait", "List", "Get", "Cancel", "Pause", "Resume", "Retry", "Priority", "Status", "Catalog",
                       "Monitor", "OpenResult", "Release"):
            self.assertIn(f"method {method}(", text)

    def test_refuses_by_the_errors_of_the_interface(self):
        self.assertEqual(self.error("Get", id=999_999).name, "NoSuchJob")
        unknown = self.error("Download", source="Archivo1.tx")
        self.assertEqual((unknown.name, unknown.parameters["nearest"]), ("UnknownName", "Archivo1.txt"))
        self.assertEqual(self.error("Download", source="gopher://h/x").name, "InvalidSource")
        self.assertEqual(self.error("Nonsense").name, "org.varlink.service.MethodNotFound")
        self.assertEqual(self.error("org.nowhere.Do").name, "org.varlink.service.InterfaceNotFound")
        self.assertEqual(self.error("Get").name, "org.varlink.service.InvalidParameter")
        self.assertEqual(self.error("Get", id="one").name, "org.varlink.service.InvalidParameter")
        self.assertEqual(self.error("Monitor").name, "org.varlink.service.ExpectedMore")

    def test_download_with_more_streams_to_the_end(self):
        url = self.url(hold=10)
        with self.daemon.client() as client:
            states = []
            for reply in client.call_more("Download", source=url):
                states.append(reply["job"]["state"])
                if len(states) == 1:
                    self.origin.release(url)
        self.assertEqual(states[-1], "done")
        self.assertNotIn("done", states[:-1])

    def test_wait_replies_with_all_the_jobs(self):
        jobs = [self.daemon.download(self.url(10, seed=f"wait{index}")) for index in range(3)]
        self.assertEqual([job["state"] for job in self.daemon.wait(*jobs)], ["done"] * 3)
        self.assertEqual(self.error("Wait", ids=[jobs[0], 999_999]).name, "NoSuchJob")

    def test_a_result_comes_as_a_read_only_descriptor(self):
        job = self.daemon.download(self.url(1000))
        self.daemon.wait(job)
        with self.daemon.client() as client:
            reply = client.call("OpenResult", id=job)
            self.assertEqual((reply["name"], reply["size"]), ("file.bin", 1000))
            fd = client.fds[reply["fd"]]
            self.assertEqual(os.pread(fd, 2000, 0), origin_content.content(1000, self.id()))
            with self.assertRaises(OSError) as caught:
                os.write(fd, b"x")
            self.assertEqual(caught.exception.errno, errno.EBADF)

    def test_a_result_that_is_not_there_is_refused(self):
        url = self.url(stall=10)
        job = self.daemon.download(url)
        self.assertEqual(self.error("OpenResult", id=job).name, "NoResult")
        self.daemon.call("Cancel", id=job)

    def test_calls_of_one_connection_are_answered_in_order(self):
        with self.daemon.client() as client:
            for _ in range(100):
                client.send("Status")
            client.send("Get", id=999_999)
            for _ in range(100):
                self.assertEqual(client.reply()[0]["pid"], self.daemon.pid)
            self.assertEqual(client.receive()["error"], "io.concd.NoSuchJob")

    def test_bytes_that_are_no_message_end_the_connection(self):
        for data in (b"nonsense\0", b"[]\0", b"\0", b"{\"method\":5}\0", b"[" * 100_000 + b"\0", b"\xff\xfe\0"):
            with self.subTest(data[:20]):
                answer = self.raw(data)
                self.assertTrue(answer is None or "error" in answer, answer)
        self.daemon.call("Status")

    def test_an_overlong_frame_ends_the_connection(self):
        with self.daemon.client() as client, self.assertRaises((ConnectionError, BrokenPipeError)):
            client.send_raw(b"x" * (1 << 20) + b"xx")
            client.receive()
        self.daemon.call("Status")

    def test_a_frame_may_arrive_byte_by_byte(self):
        with self.daemon.client() as client:
            for byte in b'{"method":"io.concd.Status","parameters":{}}\0':
                client.send_raw(bytes([byte]))
            self.assertIn("pid", client.reply()[0])

    def test_descriptors_that_nobody_asked_for_are_closed(self):
        before = len(os.listdir(f"/proc/{self.daemon.pid}/fd"))
        with self.daemon.client() as client, open("/dev/null") as null:
            for _ in range(10):
                socket.send_fds(client.socket, [b'{"method":"io.concd.Status","parameters":{}}\0'], [null.fileno()] * 5)
                client.reply()
            # At most 16 threads close them.
            self.assertLessEqual(len(os.listdir(f"/proc/{self.daemon.pid}/fd")), before + 2 + 16)
            self.ask_until(lambda: len(os.listdir(f"/proc/{self.daemon.pid}/fd")) <= before + 2, "they are closed")

    def test_a_reader_that_never_reads_costs_only_its_own_connection(self):
        with self.daemon.client() as slow:
            slow.socket.setblocking(False)
            call = b'{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.concd"}}\0'
            try:
                for _ in range(100_000):
                    slow.socket.send(call)
            except (BlockingIOError, BrokenPipeError, ConnectionResetError):
                pass
            self.assert_delivered(self.concctl("download", self.url()))

    def test_a_caller_that_goes_away_leaves_the_job(self):
        url = self.url(hold=10)
        with self.daemon.client() as client:
            client.send("Download", more=True, source=url)
            job = client.reply()[0]["id"]
        self.origin.wait_sent(url, 10)
        self.origin.release(url)
        self.assert_delivered(self.concctl("wait", job, "-o", "file"))

    def test_a_token_is_one_job(self):
        url = self.url(10)
        with self.daemon.client() as client:
            for _ in range(5):
                client.send("Download", source=url, token="the same")
            self.assertEqual(len({client.reply()[0]["id"] for _ in range(5)}), 1)

    def test_replies_are_json_objects_that_hold_no_secret(self):
        job = self.daemon.download(self.url(10, token="tok3n").replace("//", "//me:hunter2@"))
        [ended] = self.daemon.wait(job)
        for secret in ("tok3n", "hunter2"):
            self.assertNotIn(secret, json.dumps(ended))
        self.assertIn("***", ended["url"])


class QueueLimit(DaemonCase):
    config = {"queue": {"limit": 2}}

    def test_what_is_too_much_is_refused_and_has_its_own_exit_code(self):
        urls = [self.url(hold=10, seed=str(index)) for index in range(2)]
        jobs = [self.daemon.download(url) for url in urls]
        finished = self.assert_code(QUEUE_FULL, self.concctl("download", self.url()))
        self.assertIn("2", finished.stderr)
        for url in urls:
            self.origin.release(url)
        self.daemon.wait(*jobs)
        self.assert_delivered(self.concctl("download", self.url()))

    def test_what_was_accepted_before_the_queue_was_full_is_told_again_by_its_token(self):
        urls = [self.url(hold=10, seed=f"token {index}") for index in range(2)]
        jobs = [self.daemon.download(url, token=url) for url in urls]
        self.assertEqual([self.daemon.download(url, token=url) for url in urls], jobs)
        with self.assertRaises(varlink.Error) as refused:
            self.daemon.download(urls[0], token="another")
        self.assertEqual(refused.exception.name, "QueueFull")
        for job in jobs:
            self.daemon.call("Cancel", id=job)

    def test_what_is_retried_takes_a_place(self):
        ended = self.daemon.download(self.url(hold=10, seed="ended"))
        self.daemon.call("Cancel", id=ended)
        jobs = [self.daemon.download(self.url(hold=10, seed=f"retry {index}")) for index in range(2)]
        self.assert_code(QUEUE_FULL, self.concctl("retry", ended))
        for job in jobs:
            self.daemon.call("Cancel", id=job)
        self.assert_code(OK, self.concctl("retry", ended))
        self.daemon.call("Cancel", id=ended)


class Limits(DaemonCase):
    config = {"queue": {"active": 3, "active_per_host": 2}}

    def test_no_more_run_at_once_than_allowed_a_host(self):
        urls = [self.url(hold=10, seed=str(index)) for index in range(4)]
        jobs = [self.daemon.download(url) for url in urls]
        self.origin.wait_sent(urls[0], 10)
        self.origin.wait_sent(urls[1], 10)
        self.assertEqual([self.daemon.job(job)["state"] for job in jobs], ["running"] * 2 + ["queued"] * 2)
        self.assertEqual(self.daemon.job(jobs[3])["wait"],
                         {"kind": "host_slot", "limit": "queue.active_per_host", "running": 2,
                          "host": f"127.0.0.1:{self.origin.port}"})
        for url in urls:
            self.origin.release(url)
        self.assertEqual([job["state"] for job in self.daemon.wait(*jobs)], ["done"] * 4)
        for job in jobs:
            self.assert_code(OK, self.concctl("wait", job, "-o", f"{job}"))


if __name__ == "__main__":
    unittest.main()
