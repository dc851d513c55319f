"""Why a job waits: list, show, monitor, wait and the journal tell the same, for each cause, made real."""

import contextlib
import itertools
import json
import re
import socket
import unittest

from tests.integration.case import OK, DaemonCase, sha256
from tests.support import message_id, mounts, network, origin_content
from tests.support.account import is_root, other_account, programs
from tests.support.daemon import Daemon
from tests.support.deadline import Expired
from tests.support.lines import Lines
from tests.support.origin import Origin

MIB = 1 << 20
# Nobody goes on before the test says so.
PATIENT = {"first_delay": "1h", "max_delay": "2h", "first_contact_timeout": "10h", "tries": 1000}
_NEXT_TRY = {"en": "; next try in [0-9a-z. ]+", "es": "; próximo intento en [0-9a-z. ]+"}

setUpModule = mounts.become_private_if_permitted


class WaitsCase(DaemonCase):
    """Each test has a daemon and an origin of its own."""

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.close)

    def make(self, config=None):
        self.daemon = Daemon({"retry": PATIENT, **(config or {})})
        self.addCleanup(self.daemon.close)
        super().setUp()
        return self.daemon

    def running(self, **options):
        """The URL of a job that takes a place until it is released."""
        url = self.url(seed="running", hold=10)
        self.daemon.download(url, **options)
        self.origin.wait_sent(url, 10)
        return url

    def waiting(self, url, event="accepted", **options):
        """The job that is handed over now, and why it waits by the event that told it first."""
        with self.daemon.events() as events:
            job = self.daemon.download(url, **options)
            return job, events.wait_for(event, job)["wait"]

    # What the surfaces say

    def assert_told(self, job, wait, sentence, language="en"):
        """All who can be asked tell that the job waits for `wait`, in a sentence that matches."""
        asks = (self.by_get, self.by_wait_call, self.by_show, self.by_list, self.by_monitor, self.by_wait)
        for ask in asks:
            with self.subTest(ask.__name__):
                self.assertEqual(self.asked(lambda: ask(job), wait), wait)
        pattern = sentence + (_NEXT_TRY[language] if "until" in wait else "")
        texts = (self.text_of_show, self.text_of_list, self.text_of_monitor, self.text_of_wait)
        for ask in texts:
            with self.subTest(ask.__name__, language=language):
                self.assertRegex(self.asked(lambda: ask(job, **self.language(language)), pattern), f"^{pattern}$")

    def asked(self, ask, _expected):
        return ask()

    @staticmethod
    def language(name):
        if name == "en":
            return {}
        return {"LC_ALL": "", "LANG": "es_MX.UTF-8", "TEXTDOMAINDIR": str(programs() / "client/locale")}

    def by_get(self, job):
        return self.daemon.job(job).get("wait")

    def by_wait_call(self, job):
        with self.daemon.client() as client:
            return next(client.call_more("Wait", ids=[job]))["jobs"][0].get("wait")

    def output(self, *arguments, **environment):
        return self.assert_code(OK, self.concctl(*arguments, environment=environment)).stdout.splitlines()

    def by_show(self, job):
        return json.loads(self.output("show", "--json", job)[0]).get("wait")

    def by_list(self, job):
        jobs = [json.loads(line) for line in self.output("list", "--json")]
        return next(listed.get("wait") for listed in jobs if listed["id"] == job)

    def by_monitor(self, job):
        line = self.monitored(job, lambda line: json.loads(line)["job"]["id"] == job, "--json")
        return json.loads(line)["job"].get("wait")

    def by_wait(self, job):
        line = self.followed("stdout", "wait", "--json", job, "-o", "file")
        return json.loads(line)["job"].get("wait")

    def text_of_show(self, job, **environment):
        pairs = dict(line.split(":", 1) for line in self.output("show", job, **environment))
        return pairs.get("Reason", pairs.get("Motivo", "")).strip()

    def text_of_list(self, job, **environment):
        lines = self.output("list", **environment)
        row = next(number for number, line in enumerate(lines) if line.split()[0] == str(job))
        return lines[row + 1].strip()

    def text_of_monitor(self, job, **environment):
        line = self.monitored(job, lambda line: line.split("  ")[1] == str(job), **environment)
        return line.split("  ", 4)[4]

    def text_of_wait(self, job, **environment):
        return self.followed("stderr", "wait", job, "-o", "file", **environment).split(": ", 3)[3]

    def monitored(self, job, predicate, *options, **environment):
        """The first such line of a monitor that begins now: the job's priority is changed until there is one."""
        process = self.popen("monitor", *options, environment=environment)
        lines = Lines(process.stdout)
        try:
            for level in itertools.cycle(("low", "normal")):
                self.daemon.call("Priority", id=job, priority=level)
                with contextlib.suppress(Expired):
                    return lines.first(predicate, 0.1)
        finally:
            self.end(process, unread=process.stderr)

    def followed(self, stream, *arguments, **environment):
        """The first line that a concctl writes which waits for a job."""
        process = self.popen(*arguments, environment=environment)
        try:
            return Lines(getattr(process, stream)).first(lambda line: True)
        finally:
            self.end(process, unread=process.stdout if stream == "stderr" else process.stderr)

    @staticmethod
    def end(process, unread):
        process.kill()
        process.wait()
        unread.close()

    # What the journal says

    def entries(self, name, **fields):
        return self.daemon.log.entries(MESSAGE_ID=message_id.of(name), **fields)

    def assert_begun_and_ended(self, wait, words, begin, end, job=None):
        """The journal has told the wait with its figures, once in these words as it began and once as it ended."""
        fields = {"CONCD_WAIT": wait["kind"]}
        for key, field in (("limit", "CONCD_WAIT_LIMIT"), ("host", "CONCD_WAIT_HOST"), ("needed", "CONCD_BYTES_NEEDED"),
                           ("free", "CONCD_BYTES_FREE"), ("until", "CONCD_WAIT_UNTIL_USEC")):
            if key in wait:
                fields[field] = str(wait[key])
        self.daemon.log.wait_for(job=job, MESSAGE_ID=message_id.of(end), **fields)
        for name in (begin, end):
            self.assertEqual(len(self.entries(name, CONCD_WAIT=wait["kind"])), 1, self.daemon.log.text())
            self.assertEqual(len(self.daemon.log.entries(job=job, MESSAGE_ID=message_id.of(name), **fields)), 1)
        [told] = self.entries(begin, CONCD_WAIT=wait["kind"])
        self.assertIn(words, told.message)


class Places(WaitsCase):
    """What is told of a limit, it tells once for all who wait."""

    def check(self, job, wait, kind, sentence, held):
        self.assertEqual(wait["kind"], kind)
        self.assert_told(job, wait, sentence)
        self.daemon.log.wait_for(MESSAGE_ID=message_id.of("held_back"), CONCD_WAIT=kind)
        self.origin.release(held)
        self.assertEqual(self.daemon.wait(job)[0]["state"], "done")
        self.assertNotIn("wait", self.daemon.job(job))
        self.assert_begun_and_ended(wait, wait["limit"], "held_back", "held_back_ended")
        self.assertEqual(self.entries("job_waiting"), [])

    def test_a_place_among_all(self):
        self.make({"queue": {"active": 1}}).start()
        held = self.running()
        job, wait = self.waiting(self.url())
        self.waiting(self.url(seed="another that waits"))
        self.assertEqual(wait, {"kind": "slot", "limit": "queue.active", "running": 1})
        self.assert_told(job, wait, r"espera un lugar: hay 1 descarga en curso \(queue\.active\)", "es")
        self.check(job, wait, "slot", r"waits for a place: 1 transfer is running \(queue\.active\)", held)

    def test_a_place_among_the_worker_processes(self):
        self.make({"worker": {"limit": 1}}).start()
        held = self.running(executor="process")
        self.assertEqual(self.daemon.wait(self.daemon.download(self.url(seed="thread")))[0]["state"], "done")
        job, wait = self.waiting(self.url(), executor="process")
        self.assertEqual(wait, {"kind": "slot", "limit": "worker.limit", "running": 1})
        self.check(job, wait, "slot", r"waits for a place: 1 worker process is running \(worker\.limit\)", held)

    def test_a_place_at_the_host(self):
        self.make({"queue": {"active_per_host": 1}}).start()
        held = self.running()
        with Origin("127.0.0.2") as elsewhere:
            self.assertEqual(self.daemon.wait(self.daemon.download(elsewhere.url("/file/9/x")))[0]["state"], "done")
        job, wait = self.waiting(self.url())
        host = f"127.0.0.1:{self.origin.port}"
        self.assertEqual(wait, {"kind": "host_slot", "limit": "queue.active_per_host", "host": host, "running": 1})
        self.check(job, wait, "host_slot",
                   rf"waits for a place: 1 transfer from {re.escape(host)} is running \(queue\.active_per_host\)", held)

    @unittest.skipUnless(is_root(), "needs root to be several users")
    def test_a_place_of_the_user(self):
        self.make({"queue": {"active_per_user": 1}}).start()
        held = self.running()
        job, wait = self.waiting(self.url())
        self.assertEqual(wait, {"kind": "user_slot", "limit": "queue.active_per_user", "running": 1})
        of_other = self.assert_code(OK, self.concctl("download", "--no-block", self.url(seed="other"), cwd="/tmp",
                                                     account=other_account()))
        self.assertEqual(self.daemon.wait(int(of_other.stdout))[0]["state"], "done")
        self.check(job, wait, "user_slot",
                   r"waits for a place: 1 transfer of this user is running \(queue\.active_per_user\)", held)


    def test_what_is_queued_again_behind_a_limit_tells_so_at_once(self):
        self.make({"queue": {"active": 1}}).start()
        job, _ = self.waiting(self.url(status=503, retry_after=3600, times=1), "waiting")
        held = self.running()
        slot = {"kind": "slot", "limit": "queue.active", "running": 1}
        with self.daemon.events() as events:
            self.daemon.call("Retry", id=job)
            self.daemon.call("Pause", id=job)
            self.assertNotIn("wait", events.wait_for("paused", job))
            self.assertEqual(self.daemon.call("Resume", id=job)["job"].get("wait"), slot)
            self.origin.release(held)
            events.wait_for("done", job)
            told = [(event, seen.get("wait")) for event, seen in events.all(job) if event in ("queued", "resumed")]
        self.assertEqual(told, [("queued", slot), ("queued", slot), ("resumed", slot)])


class HostBackoff(WaitsCase):
    """A host is left alone for a second and tried again by one: it takes some luck to ask in between."""

    def asked(self, ask, expected):
        for _ in range(100):
            answer = ask()
            if answer == expected or isinstance(answer, str) and re.match(expected, answer):
                break
        return answer

    def test_a_host_that_cannot_be_connected_to(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.make({"retry": {**PATIENT, "first_delay": "1s"}, "queue": {"active": 1}}).start()
        with self.daemon.client() as client:
            jobs = [client.call("Download", source=f"http://127.0.0.1:{port}/{number}")["id"] for number in range(50)]
        wait = {"kind": "host_backoff", "host": f"127.0.0.1:{port}"}
        self.assert_told(jobs[-1], wait, rf"127\.0\.0\.1:{port} could not be reached a moment ago")
        self.daemon.log.wait_for(MESSAGE_ID=message_id.of("held_back_ended"), CONCD_WAIT="host_backoff", count=3)
        of_host = self.daemon.log.entries(CONCD_WAIT="host_backoff")
        self.assertTrue(all(entry.fields["CONCD_WAIT_HOST"] == wait["host"] for entry in of_host))
        told = [entry.fields["MESSAGE_ID"] for entry in of_host]
        for begin, end in zip(told[::2], told[1::2]):
            self.assertEqual((begin, end), (message_id.of("held_back"), message_id.of("held_back_ended")), of_host)


class Delays(WaitsCase):
    """Waits of one job, each told when it begins and when it ends."""

    def check(self, job, wait, sentence):
        self.assert_told(job, wait, sentence)
        self.assertEqual(self.entries("job_wait_ended"), [])
        self.assert_code(OK, self.concctl("retry", job))
        [ended] = self.daemon.wait(job)
        self.assertEqual((ended["state"], ended.get("wait")), ("done", None))
        self.assert_begun_and_ended(wait, wait["message"], "job_waiting", "job_wait_ended", job)
        self.assertEqual(self.entries("held_back"), [])

    def test_the_next_try(self):
        self.make().start()
        job, wait = self.waiting(self.url(status=503, retry_after=3600, times=1), "waiting")
        self.assertEqual(wait["kind"], "retry")
        self.assertGreater(wait["until"], self.daemon.job(job)["created"] + 3_500_000_000)
        self.assertIn("503", wait["message"])
        self.check(job, wait, re.escape(wait["message"]))

    def test_a_folder_that_cannot_be_written(self):
        self.make().start()
        partial = self.daemon.state / "partial"
        partial.chmod(0o500)
        self.addCleanup(partial.chmod, 0o700)
        job, wait = self.waiting(self.url(), "waiting")
        self.assertEqual(wait["kind"], "local_resource")
        self.assertIn("Permission denied", wait["message"])
        partial.chmod(0o700)
        self.check(job, wait, re.escape(wait["message"]))

    @unittest.skipUnless(is_root(), "needs root to make a network namespace")
    def test_no_network(self):
        try:
            nowhere = network.Namespace()
        except network.NotPermitted as reason:
            self.skipTest(str(reason))
        self.addCleanup(nowhere.close)
        self.origin = nowhere.run(lambda: Origin("0.0.0.0"))
        self.addCleanup(self.origin.close)
        nowhere.run(self.make().start)
        job, wait = self.waiting(self.url(host="192.0.2.1"), "waiting")
        self.assertEqual(wait["kind"], "offline")
        self.assertIn("no route", wait["message"])
        nowhere.add_address("192.0.2.1")
        self.check(job, wait, "no network; continues when it returns")


class DiskSpace(WaitsCase):
    """The state folder is a disk of its own, which is filled."""

    SIZE = 8 * MIB

    def setUp(self):
        super().setUp()
        if not mounts.are_private():
            self.skipTest("needs a mount namespace")

    def test_a_full_disk_is_told_once_with_its_figures_and_again_when_it_has_space(self):
        self.check("thread")

    def test_by_a_worker_process_as_well(self):
        self.check("process")

    def check(self, executor):
        self.make({"daemon": {"heartbeat": "500ms"}, "retry": {**PATIENT, "first_delay": "1s"},
                   "transfer": {"min_free": MIB}})
        disk = mounts.SmallDisk(self.daemon.state, 32 * MIB, self.daemon.account)
        self.addCleanup(disk.close)
        self.daemon.start()
        disk.leave(3 * MIB)
        url = self.url(self.SIZE)
        job, wait = self.waiting(url, "waiting", executor=executor)
        self.assertEqual((wait["kind"], wait["needed"]), ("disk_space", self.SIZE + MIB))
        self.assertAlmostEqual(wait["free"], disk.free(), delta=MIB // 4)
        self.assertNotIn("until", wait)
        self.assertIn("No space left on device", wait["message"])
        self.assert_told(job, wait, r"the disk is full: needs 9\.0 MiB, [23]\.\d MiB are free")

        # Twelve heartbeats are longer than the time after which the disk is looked at again.
        before = len(self.daemon.log.entries("heartbeat"))
        self.daemon.log.wait_for("heartbeat", count=before + 12)
        self.assertEqual([entry.event for entry in self.daemon.log.entries(job=job) if entry.event != "priority"],
                         ["accepted", "started", "waiting"])
        self.assertEqual(len(self.origin.requests(url)), 1)

        disk.leave(20 * MIB)
        [ended] = self.daemon.wait(job)
        self.assertEqual((ended["state"], ended.get("wait")), ("done", None))
        self.assertEqual(sha256(ended["path"]), origin_content.digest(self.SIZE, self.id()))
        self.assert_begun_and_ended(wait, "9.0 MiB are needed", "job_waiting", "job_wait_ended", job)


if __name__ == "__main__":
    unittest.main()
