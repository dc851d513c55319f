"""A daemon that was taken over tries to get at whoever talks to it."""

import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from tests.support.account import programs
from tests.support.daemon import ENVIRONMENT
from tests.support.fake_daemon import FakeDaemon

URL = "https://origin/big.iso"
OTHER, USAGE, FILE = 1, 2, 3
HOSTILE = "a\x1b[2J\r\n\x7f\u009b31m\u202eb\u200b\u2066c\ufeff"
STEERING = [character for character in HOSTILE if not character.isascii() or not character.isprintable()]
HUGE = [2**63, 2**64 - 1, 2**64, 10**30, -1, -2**63, 1.5, "7", None, True, [], {}]


def job(id=7, **members):
    return {"id": id, "source": URL, "url": URL, "state": "done", "executor": "thread", "priority": "normal",
            "uid": os.getuid(), "created": 1, "attempts": 1, "received": 3, "rate": 0, "transfer": id,
            "released": False, **members}


class Client(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concd-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.daemon = FakeDaemon(self.folder / "socket")
        self.addCleanup(self.daemon.close)
        self.on = self.daemon.handlers
        self.on["Release"] = lambda call: call.reply({"job": job()})
        self.tell(job())
        self.content = self.file("content", b"new")
        self.hand_out(self.content)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def popen(self, *arguments):
        return subprocess.Popen(
            [programs() / "client/concctl", *map(str, arguments)], cwd=self.home, stdin=subprocess.DEVNULL,
            env={**ENVIRONMENT, "CONCD_SOCKET": str(self.folder / "socket"),
                 "XDG_STATE_HOME": str(self.folder / "state")},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def concctl(self, *arguments):
        """Ends by itself, with a code of its own; returns that, stdout and stderr."""
        process = self.popen(*arguments)
        self.addCleanup(process.kill)
        out, err = process.communicate(timeout=60)
        self.assertIn(process.returncode, range(100), err)
        return process.returncode, out.decode(), err.decode()

    def tell(self, told):
        for method in "Get", "Download":
            self.on[method] = lambda call: call.reply({"id": told["id"], "job": told})

    def hand_out(self, path, name="big.iso", size=3, flags=os.O_RDONLY, fds=1, **members):
        def reply(call):
            opened = [os.open(path, flags | os.O_NONBLOCK) for _ in range(fds)]
            call.reply({"fd": 0, "name": name, "size": size, **members}, opened)
            for fd in opened:
                os.close(fd)
        self.on["OpenResult"] = reply

    def assert_nothing_written(self):
        self.assertEqual(os.listdir(self.home), [])

    # Where it writes

    def test_a_path_that_the_daemon_names_is_not_written_to(self):
        target = self.folder / "etc/cron.d/evil"
        target.parent.mkdir(parents=True)
        for output in target, f"{self.home}/../etc/cron.d/evil", "../etc/cron.d/evil", "evil":
            self.tell(job(output=str(output)))
            code, out, err = self.concctl("wait", 7)
            self.assertEqual((code, out), (USAGE, ""))
            self.assertIn("concctl wait 7 -o PATH", err)
        self.assertEqual(list(target.parent.iterdir()), [])
        self.assert_nothing_written()
        # Not of a name of the catalog either, whose file has a place already.
        self.tell(job(source="name", name="name", path="/library/name", output=str(target)))
        self.assertEqual(self.concctl("wait", 7)[:2], (0, "/library/name\n"))
        self.assertEqual(list(target.parent.iterdir()), [])

    def test_a_download_is_written_to_where_its_own_command_line_says(self):
        target = self.folder / "evil"
        self.tell(job(output=str(target), path=str(target), source="https://origin/../evil"))
        self.assertEqual(self.concctl("download", URL)[:2], (0, f"{self.home / 'big.iso'}\n"))
        self.assertEqual(self.concctl("download", URL, "-o", "mine")[:2], (0, f"{self.home / 'mine'}\n"))
        self.assertFalse(target.exists())

    def test_a_wait_follows_what_the_user_wrote_down(self):
        target = self.folder / "evil"
        self.tell(job(state="running", output=str(target)))
        self.assertEqual(self.concctl("download", "--no-block", URL, "-o", "mine")[:2], (0, "7\n"))
        self.tell(job(output=str(target)))
        self.assertEqual(self.concctl("wait", 7)[:2], (0, f"{self.home / 'mine'}\n"))
        self.assertFalse(target.exists())

    def test_another_job_than_the_one_asked_for_is_refused(self):
        self.tell(job(state="running"))
        self.concctl("download", "--no-block", URL)
        self.tell(job())
        self.assertEqual(self.concctl("wait", 9)[0], OTHER)
        self.assert_nothing_written()

    def test_a_suggested_name_leads_nowhere_and_hides_nothing(self):
        for name in "../evil", "/etc/passwd", "..", ".", "", ".bashrc", "a/b", HOSTILE, "a" * 300, "a\0b":
            with self.subTest(name):
                self.hand_out(self.content, name)
                self.concctl("wait", 7, "-o", ".")
                for found in os.listdir(self.home):
                    self.assertFalse(found.startswith("."), found)
                    self.assertEqual(set(STEERING) & set(found), set())
        self.assertFalse((self.folder / "evil").exists())

    # What it is handed

    def test_what_is_no_whole_file_is_not_copied(self):
        os.mkfifo(self.folder / "pipe")
        (self.folder / "empty").mkdir()
        for path in "/dev/zero", "/dev/null", self.folder / "pipe", self.folder / "empty":
            for size in 0, 3, 2**62:
                with self.subTest(path=path, size=size):
                    self.hand_out(path, size=size)
                    self.assertEqual(self.concctl("wait", 7, "-o", "x")[0], OTHER)
        for size in 0, 2, 4, 2**62:
            with self.subTest(size=size):
                self.hand_out(self.content, size=size)
                self.assertEqual(self.concctl("wait", 7, "-o", "x")[0], OTHER)
        self.assert_nothing_written()

    def test_no_descriptor_another_one_or_too_many_are_refused(self):
        for keys in {"fds": 0}, {"fds": 0, "fd": 7}, {"fd": 1}, {"fd": 2**62}, {"fds": 9}, {"fds": 200}:
            with self.subTest(keys):
                self.hand_out(self.content, **keys)
                self.assertEqual(self.concctl("wait", 7, "-o", "x")[0], OTHER)
        self.assert_nothing_written()

    # What it is told

    def test_no_text_steers_a_terminal_or_makes_a_line(self):
        hostile = job(source=HOSTILE, url=HOSTILE, output=HOSTILE, state="waiting",
                      wait={"kind": "host_slot", "limit": HOSTILE, "running": 1, "host": HOSTILE, "message": HOSTILE})
        failed = job(8, source=HOSTILE, state="failed", failure={"kind": "server", "message": HOSTILE})
        named = job(9, source=HOSTILE, name=HOSTILE)
        by_id = {each["id"]: each for each in (hostile, failed, named)}
        self.on["Get"] = self.on["Cancel"] = lambda call: call.reply({"job": by_id[call.parameters["id"]]})
        self.on["List"] = lambda call: call.reply({"jobs": [] if "before" in call.parameters else [*by_id.values()]})
        self.on["Status"] = lambda call: call.reply(
            {"version": HOSTILE, **{name: 1 for name in ("pid", "uptime", "active", "queued", "waiting", "paused",
                                                         "done", "failed", "rate", "free")}})
        self.on["Catalog"] = lambda call: call.reply({"entries": [] if "after" in call.parameters else [
            {"name": HOSTILE, "urls": [HOSTILE], "executor": "auto", "unpack": False, "description": HOSTILE}]})
        self.on["Pause"] = lambda call: call.reply({"name": HOSTILE, "reason": HOSTILE}, error="io.concd.NotPermitted")
        self.on["Resume"] = lambda call: call.reply({"parameter": HOSTILE}, error="io.concd." + HOSTILE)
        self.hand_out(self.content, HOSTILE)
        for arguments in (["list"], ["show", 7, 8, 9], ["status"], ["version"], ["catalog"], ["cancel", 7, 8, 9],
                          ["pause", 7], ["resume", 7], ["wait", 8], ["wait", 9, "-o", "."]):
            for json in [], ["--json"]:
                with self.subTest(arguments=arguments, json=json):
                    _, out, err = self.concctl(*arguments, *json)
                    for character in STEERING:
                        if character != "\n":
                            self.assertNotIn(character, out + err)
                    self.assertNotIn("\n\x7f", out + err)

    def test_a_path_that_is_no_line_of_text_is_not_printed(self):
        for path in "/a\n/etc/passwd", "relative", "/a\x1b[2J", "/a\u202e":
            self.tell(job(source="name", name="name", path=path))
            code, out, _ = self.concctl("wait", 7)
            self.assertEqual((code, out), (OTHER, ""), path)

    def test_wrong_types_and_numbers_beyond_reason_end_with_a_message(self):
        for name, value in itertools.product(job(), HUGE):
            told = job(**{name: value})
            self.on["List"] = lambda call: call.reply({"jobs": [] if "before" in call.parameters else [told]})
            self.tell(told)
            for arguments in ["list"], ["show", 7]:
                code, _, err = self.concctl(*arguments)
                self.assertIn(code, (0, OTHER), (name, value, err))
                self.assertFalse(code != 0 and not err, (name, value))

    def test_what_is_no_reply_ends_with_a_message(self):
        for text in (b"\0", b"x\0", b"[]\0", b"null\0", b'{"parameters":[]}\0', b'{"parameters":7}\0', b"{}\0",
                     b'{"error":7}\0', b'{"error":"io.concd.NoSuchJob"}\0', b"[" * 100_000 + b"\0",
                     b'{"parameters":{"jobs":7}}\0', b'{"parameters":{"jobs":[[]]}}\0', b"\xff\xfe\0",
                     b'{"parameters":{}}\0' * 3, b"x" * (2 << 20)):
            self.on["List"] = self.on["Status"] = self.on["Get"] = self.on["Catalog"] = lambda call: call.send(text)
            for arguments in ["list"], ["status"], ["show", 7], ["wait", 7, "-o", "x"], ["catalog"]:
                with self.subTest(text=text[:40], arguments=arguments):
                    code, _, err = self.concctl(*arguments)
                    self.assertIn(code, (OTHER, USAGE, 11), err)
                    self.assertNotEqual(err, "")

    # What never ends

    def test_a_listing_that_never_ends_is_given_up(self):
        ids = itertools.count(2**62, -1)
        names = itertools.count(10**9)
        self.on["List"] = lambda call: call.reply({"jobs": [job(next(ids))]})
        self.on["Catalog"] = lambda call: call.reply({"entries": [
            {"name": str(next(names)), "urls": [], "executor": "auto", "unpack": False}]})
        for verb in "list", "catalog":
            self.assertEqual(self.concctl(verb)[0], OTHER)

    def test_a_listing_that_goes_back_is_refused(self):
        for ids in [[7], [7, 7], [8, 7]]:
            self.on["List"] = lambda call: call.reply({"jobs": [job(id) for id in ids]})
            self.assertEqual(self.concctl("list")[0], OTHER)

    def test_more_replies_than_were_asked_for_are_refused(self):
        def flood(call):
            while True:
                call.reply({"job": job()}, continues=True)
        self.on["Get"] = flood
        self.assertEqual(self.concctl("show", 7, 8)[0], OTHER)

    def test_an_interrupt_ends_what_an_endless_stream_keeps_busy(self):
        begun = []
        def flood(call):
            call.reply({"jobs": [job(state="running")]}, continues=True)
            begun.append(call)
            while True:
                call.send(b'{"continues":true,"parameters":{"jobs":[]}}\0' * 1000)
        self.tell(job(state="running"))
        self.on["Wait"] = flood
        process = self.popen("wait", "7", "-o", "x", "--json")
        self.addCleanup(process.kill)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
