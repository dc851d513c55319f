"""Origins that lead elsewhere, hold places, lie about lengths and fill the disk."""

import contextlib
import os
import pathlib
import socket
import tempfile
import threading
import unittest

from tests.attacks.internet import METADATA, PRIVATE, PUBLIC, InternetCase
from tests.integration.case import DaemonCase, sha256
from tests.support import mounts
from tests.support.certificates import Certificates
from tests.support.origin import Origin

MIB = 1 << 20
NAMES = {"public.test": PUBLIC, "turning.test": PUBLIC, "inside.test": PRIVATE, "here.test": "127.0.0.1"}

setUpModule = mounts.become_private_if_permitted


class Hosts:
    """What names lead to, for this process and all that it starts, in the place of /etc/hosts."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="concd-hosts-")
        os.chmod(self._folder.name, 0o755)
        self._file = pathlib.Path(self._folder.name) / "hosts"
        self.write(NAMES)
        mounts.mount("--bind", self._file, "/etc/hosts")

    def write(self, names):
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items())]
        self._file.write_text("".join(f"{line}\n" for line in lines))
        self._file.chmod(0o644)

    def close(self):
        mounts.unmount("/etc/hosts")
        self._folder.cleanup()


class Networks(InternetCase):
    @classmethod
    def prepare_names(cls):
        cls.hosts = Hosts()
        cls.addClassCleanup(cls.hosts.close)

    def at(self, host, **keys):
        return self.url(host=host, **keys)

    def redirect(self, host, to):
        return self.origin.url("/redirect", host=host, to=to)

    def get(self, url, **parameters):
        [job] = self.daemon.wait(self.daemon.download(url, **parameters))
        return job

    def assert_denied(self, url, *words, **parameters):
        job = self.get(url, **parameters)
        self.assertEqual((job["state"], job["attempts"]), ("failed", 1), job)
        for word in words:
            self.assertIn(word, job["failure"]["message"])
        self.assertEqual({seen.path for seen in self.origin.requests()} - {"/redirect"}, set(), "it was connected to")

    def assert_done(self, url, **parameters):
        job = self.get(url, **parameters)
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(sha256(job["path"]), self.digest())

    def test_no_redirect_leads_from_the_internet_into_the_machine_or_its_networks(self):
        for executor in ("thread", "process"):
            for host in ("127.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "localhost", "here.test",
                         PRIVATE, "inside.test"):
                with self.subTest(host, executor=executor):
                    self.assert_denied(self.redirect("public.test", self.at(host)),
                                       "which the request does not name; origins.allow of the configuration",
                                       executor=executor)

    def test_no_redirect_leads_from_a_private_network_to_this_machine(self):
        self.assert_denied(self.redirect("inside.test", self.at("here.test")), "127.0.0.1, an address of this machine")

    def test_nothing_leads_to_a_metadata_service(self):
        for url in (self.at(METADATA), self.at(f"[::ffff:{METADATA}]"), self.redirect("public.test", self.at(METADATA)),
                    self.redirect("127.0.0.1", self.at(METADATA))):
            with self.subTest(url):
                self.assert_denied(url, f"leads to {METADATA}, a link-local or cloud metadata address")

    def test_what_the_request_names_is_fetched(self):
        for host in ("public.test", PUBLIC, "inside.test", PRIVATE, "here.test", "localhost", "127.0.0.1"):
            with self.subTest(host):
                self.assert_done(self.at(host, seed=self.id()))
        self.assert_done(self.redirect("here.test", self.at("inside.test")))
        self.assert_done(self.redirect("inside.test", self.at("public.test")))

    def test_the_configuration_allows_and_denies(self):
        self.daemon.configure({"origins": {"allow": ["10.9.8.0/24", "here.test"], "deny": ["turning.test"]}})
        self.daemon.reload()
        self.assert_denied(self.at("turning.test"), "origins.deny of the configuration denies")
        self.assert_denied(self.redirect("public.test", self.at("localhost")), "localhost leads to ")
        self.assert_done(self.redirect("public.test", self.at("inside.test")))
        self.assert_done(self.redirect("public.test", self.at("here.test")))

    def test_a_connection_that_another_transfer_left_open_is_no_way_in(self):
        self.assert_done(self.at("here.test"))
        job = self.get(self.redirect("public.test", self.at("here.test", seed="other")))
        self.assertEqual(job["state"], "failed", job)
        self.assertIn("which the request does not name", job["failure"]["message"])

    def test_a_name_that_turns_to_this_machine_between_two_attempts_is_not_followed(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                self.hosts.write(NAMES)
                url = self.at("turning.test", seed=executor, hold=10_000)
                with self.daemon.events() as events:
                    job = self.daemon.download(url, executor=executor)
                    events.wait_received(job, 10_000)
                self.hosts.write({**NAMES, "turning.test": "127.0.0.1"})
                self.network.run(self.daemon.restart)
                [ended] = self.daemon.wait(job)
                self.assertEqual(ended["state"], "failed", ended)
                self.assertIn("turning.test leads to 127.0.0.1", ended["failure"]["message"])
                self.assertEqual(len(self.origin.requests(url)), 1)


class Downgrade(DaemonCase):
    @classmethod
    def prepare(cls):
        folder = tempfile.TemporaryDirectory(prefix="concd-certificates-")
        cls.addClassCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        certificates = Certificates(folder.name)
        cls.secure = Origin(certificate=certificates.path("good"))
        cls.addClassCleanup(cls.secure.close)
        cls.daemon.configure({"transfer": {"ca_file": certificates.ca}})

    def test_from_https_to_http_goes_only_who_can_tell_the_file_by_its_digest(self):
        url = self.secure.url("/redirect", to=self.url())
        [job] = self.daemon.wait(self.daemon.download(url))
        self.assertEqual((job["state"], job["attempts"]), ("failed", 1), job)
        self.assertIn("redirects from https to http", job["failure"]["message"])
        self.assertEqual(self.origin.requests(self.url()), [])
        [job] = self.daemon.wait(self.daemon.download(url, digest=f"sha256:{self.digest()}"))
        self.assertEqual(job["state"], "done", job)

    def test_a_password_goes_to_no_other_scheme_and_port(self):
        url = self.secure.url("/redirect", userinfo="me:secret", to=self.url())
        [job] = self.daemon.wait(self.daemon.download(url, digest=f"sha256:{self.digest()}"))
        self.assertEqual(job["state"], "done", job)
        self.assertIn("authorization", self.secure.requests(url)[0].headers)
        self.assertNotIn("authorization", self.origin.requests(self.url())[0].headers)


class Trickle:
    """Answers every request with a head and then a byte of a body now and then, for ever."""

    def __init__(self, head):
        self._head = head
        self._end = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/x"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._head)
            while not self._end.wait(0.05):
                connection.sendall(b"1\r\nx\r\n")

    def close(self):
        self._end.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Places(DaemonCase):
    config = {"queue": {"active": 1}, "transfer": {"first_byte_timeout": "300ms"}, "retry": {"tries": 2}}

    def test_bodies_that_nobody_wants_hold_no_place_for_ever(self):
        for status in ("302 Found", "404 Not Found"):
            with self.subTest(status):
                origin = Trickle(f"HTTP/1.1 {status}\r\nLocation: /y\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
                self.addCleanup(origin.close)
                held = self.daemon.download(origin.url)
                other = self.daemon.download(self.url(seed=status))
                self.assertEqual(self.daemon.wait(other)[0]["state"], "done")
                [job] = self.daemon.wait(held)
                self.assertEqual(job["state"], "failed", job)
                self.assertIn("has sent nothing of the file within 0.3s", job["failure"]["message"])


class Lengths(DaemonCase):
    config = {"retry": {"tries": 2}}

    def test_a_length_that_no_file_has_breaks_nothing_for_others(self):
        jobs = {}
        for framing in ("max_length", "too_long"):
            for executor in ("thread", "process"):
                url = self.url(seed=framing + executor, framing=framing)
                jobs[self.daemon.download(url, executor=executor)] = url
        for job in self.daemon.wait(*jobs):
            self.assertEqual((job["state"], job["failure"]["kind"]), ("failed", "server"), job)
        self.assert_code(0, self.concctl("list", "--all"))

    def test_a_range_of_such_a_length_is_not_continued(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                url = self.url(seed=executor, cut=50_000, range="huge_total", times=2)
                [job] = self.daemon.wait(self.daemon.download(url, executor=executor))
                self.assertEqual(job["state"], "done", job)
                self.assertEqual(sha256(job["path"]), self.digest(seed=executor))
        self.assert_code(0, self.concctl("list", "--all"))


class Disk(DaemonCase):
    """The state folder is a disk of its own."""

    SIZE = 64 * MIB
    config = {"transfer": {"min_free": 8 * MIB}}

    @classmethod
    def prepare(cls):
        if not mounts.are_private():
            raise unittest.SkipTest("needs a mount namespace")
        cls.disk = mounts.SmallDisk(cls.daemon.state, cls.SIZE, cls.daemon.account)
        cls.addClassCleanup(cls.disk.close)

    def held(self, size, **options):
        """A job whose origin announces so much and sends little."""
        url = self.url(size, hold=1000)
        with self.daemon.events() as events:
            job = self.daemon.download(url, **options)
            events.wait_received(job, 1000)
        return job

    def test_an_announced_length_takes_nothing_from_others(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                job = self.held(50 * MIB, executor=executor)
                self.assertGreater(self.disk.free(), self.SIZE - 10 * MIB)
                other = self.url(20 * MIB, seed=executor)
                [done] = self.daemon.wait(self.daemon.download(other))
                self.assertEqual(done["state"], "done", done)
                self.daemon.call("Release", id=done["id"])
                self.daemon.call("Cancel", id=job)
                self.assert_nothing_left(job)
                self.assert_nothing_left(done["id"])

    def test_what_is_kept_free_stays_free_and_the_figures_say_so(self):
        for keys in ({}, {"chunked": 1}):
            for executor in ("thread", "process"):
                with self.subTest(executor, **keys), self.daemon.events() as events:
                    job = self.daemon.download(self.url(70 * MIB, **keys), executor=executor)
                    wait = events.wait_for("waiting", job)["wait"]
                    self.assertEqual(wait["kind"], "disk_space")
                    self.assertGreaterEqual(wait["free"], 8 * MIB - 100_000)
                    self.assertGreater(wait["needed"], wait["free"])
                    if not keys:
                        self.assertEqual(wait["needed"], 78 * MIB)
                    self.daemon.call("Cancel", id=job)
                    self.assert_nothing_left(job)


if __name__ == "__main__":
    unittest.main()
