"""A user who does all that a connection allows: others are served as if he were not there, and he is told why not."""

import contextlib
import json
import os
import re
import socket
import time
import unittest

from tests.attacks.callers import ADMIN, ADMIN_GROUP, ANA, EVE, Flood, account_of, allow_descriptors, as_user
from tests.integration.case import LIMIT, NOT_PERMITTED, OK, DaemonCase
from tests.support import varlink
from tests.support.account import is_root
from tests.support.deadline import DEFAULT

# Of one user; the number that concd is accepted with is 3000.
CONNECTIONS = int(os.environ.get("CONCD_ATTACK_CONNECTIONS", "400"))
CONNECTIONS_PER_USER = 256
MIB = 1 << 20


def call(method, **parameters):
    return json.dumps({"method": f"io.concd.{method}", "parameters": parameters}).encode()


def call_more(method, **parameters):
    return json.dumps({"method": f"io.concd.{method}", "parameters": parameters, "more": True}).encode()


def submit(client, urls):
    """The ids of their jobs; some calls are sent ahead, no more than fit into the socket."""
    frames = [call("Download", source=url) + b"\0" for url in urls]
    jobs = []
    for begin in range(0, len(frames), 20):
        some = frames[begin : begin + 20]
        client.send_raw(b"".join(some))
        jobs += [client.reply()[0]["id"] for _ in some]
    return jobs


def counted(messages, summary):
    """How many there were; a summary stands for as many as it says."""
    found = (re.match(summary, message) for message in messages)
    return sum(int(more[1]) if more else 1 for more in found)


@unittest.skipUnless(is_root(), "needs root to be several users")
class CallersCase(DaemonCase):
    @classmethod
    def setUpClass(cls):
        allow_descriptors()
        super().setUpClass()

    def client(self, user, *groups):
        with as_user(user, *groups):
            client = varlink.Client(self.daemon.socket)
        self.addCleanup(client.close)
        return client

    def error(self, client, method, **parameters):
        with self.assertRaises(varlink.Error) as refused:
            client.call(method, **parameters)
        return refused.exception

    def resident(self):
        """Bytes of memory of the daemon."""
        with open(f"/proc/{self.daemon.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def ask_until(self, condition, what):
        """Asks the daemon for its status until the condition holds."""
        end = time.monotonic() + DEFAULT
        while not condition():
            self.daemon.call("Status")
            self.assertLess(time.monotonic(), end, what)


class Starving(CallersCase):
    """Eve has a thousand jobs, and asks after them on all connections that she gets."""

    config = {"queue": {"active": 1}}
    environment = {"WATCHDOG_USEC": "400000"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with as_user(EVE):
            client = varlink.Client(cls.daemon.socket)
        with client:
            cls.jobs = submit(client, (cls.origin.url("/file/100/x", seed=f"{number}", hold=10)
                                       for number in range(1000)))

    def hostile(self, number):
        """What a connection of the flood sends."""
        kinds = (
            [call("List", finished=True)] * 200,
            [call("Wait", ids=[*self.jobs[:999], 999_999])] * 50,
            [call_more("Wait", ids=self.jobs)],
            [call_more("Monitor")],
            [call("Get", id=1, nonsense=list(range(5_000)))] * 20,
            [call("Status")] * 100,
        )
        return kinds[number % len(kinds)]

    def assert_unanswered(self, flood):
        """Else it has not been shown that anybody else was served meanwhile."""
        self.assertLess(flood.answered, flood.sent / 2)

    def test_another_user_is_answered_before_what_was_sent_earlier(self):
        ana = self.client(ANA)
        with Flood(self.daemon, EVE, CONNECTIONS).send(self.hostile) as flood:
            for _ in range(20):
                self.assertIn("pid", ana.call("Status"))
            self.assert_unanswered(flood)
            # A connection of her own takes no longer.
            self.assertIn("pid", self.client(ANA).call("Status"))
            self.assert_unanswered(flood)

    def test_the_watchdog_is_fed_meanwhile(self):
        with Flood(self.daemon, EVE, CONNECTIONS).send(self.hostile) as flood:
            self.daemon.notify.forget()
            self.daemon.notify.wait_for("WATCHDOG", "1", count=5)
            self.assert_unanswered(flood)


class Connections(CallersCase):
    def test_a_user_has_so_many_and_is_told_so_and_others_have_theirs(self):
        with Flood(self.daemon, EVE, CONNECTIONS).send(lambda _: []) as flood:
            self.ask_until(lambda: flood.ended == CONNECTIONS - CONNECTIONS_PER_USER, "the others are turned away")
            self.assertEqual(self.client(EVE).receive(), {
                "error": "io.concd.LimitReached",
                "parameters": {"limit": "limits.connections_per_user", "most": CONNECTIONS_PER_USER}})
            finished = self.assert_code(LIMIT, self.concctl("status", account=account_of(EVE)))
            self.assertIn("limits.connections_per_user", finished.stderr)
            self.assertIn("pid", self.client(ANA).call("Status"))
        self.ask_until(lambda: self.concctl("status", account=account_of(EVE)).code == OK, "there is room again")


@unittest.skipIf(os.environ.get("CONCD_SANITIZED"), "a sanitizer keeps what is freed")
class MemoryCase(CallersCase):
    def clients(self):
        with as_user(EVE):
            clients = [varlink.Client(self.daemon.socket, 10 * DEFAULT) for _ in range(100)]
        for client in clients:
            self.addCleanup(client.close)
        return clients

    def assert_bounded(self, before):
        self.assertLess(self.resident(), before + 64 * MIB)
        self.assertIn("pid", self.client(ANA).call("Status"))


class UnfinishedFrames(MemoryCase):
    def test_they_take_no_more_than_a_user_may_have(self):
        before = self.resident()
        unfinished = b'{"method":"io.concd.Status","x":"' + b"x" * (MIB - 100)
        told = 0
        for client in self.clients():
            try:
                client.send_raw(unfinished)
            except (BrokenPipeError, ConnectionResetError):
                told += client.receive()["parameters"]["limit"] == "limits.memory_per_user"
        self.assertGreater(told, 50)
        self.assert_bounded(before)


class UnreadAnswers(MemoryCase):
    def test_they_take_no_more_than_a_user_may_have(self):
        submit(self.client(EVE), [self.url(10, "x" * 3000, seed=f"{number}", hold=5) for number in range(250)])
        before = self.resident()
        clients = self.clients()
        for client in clients:
            with contextlib.suppress(ConnectionError):  # some are hung up on already
                client.send("List")
        for client in clients:  # an answer, or the end
            client.socket.recv(1, socket.MSG_PEEK)
        self.assert_bounded(before)


class Submissions(CallersCase):
    config = {"limits": {"submission_burst": 100, "submissions_per_user": 1}}

    def test_who_submits_too_much_is_refused_and_others_are_not(self):
        eve, ana = self.client(EVE), self.client(ANA)
        urls = [self.url(10, seed=f"{self.id()} {number}") for number in range(1000)]
        eve.send_raw(b"".join(call("Download", source=url) + b"\0" for url in urls))
        answers = [eve.receive() for _ in urls]
        refused = [answer for answer in answers if "error" in answer]
        self.assertGreaterEqual(len(refused), 800)
        self.assertEqual({answer["error"] for answer in refused}, {"io.concd.LimitReached"})
        self.assertEqual(refused[0]["parameters"], {"limit": "limits.submissions_per_user", "most": 1})
        self.assertIn("id", ana.call("Download", source=self.url(10)))


class RefusedCalls(CallersCase):
    CALLS = 20_000

    def test_a_million_refused_calls_do_not_fill_the_journal(self):
        eve = self.client(EVE)
        for _ in range(self.CALLS // 1000):
            eve.send_raw((call("Get", id=999_999) + b"\0") * 1000)
            for _ in range(1000):
                self.assertEqual(eve.receive()["error"], "io.concd.NoSuchJob")
        self.ask_until(lambda: self.told() == self.CALLS, "all refusals are accounted for")
        self.assertLess(len(self.refusals()), 1000)

    def refusals(self):
        return [entry.message for entry in self.daemon.log.entries() if "refused" in entry.message]

    def told(self):
        return counted(self.refusals(), r"refused (\d+) more")


class EntriesOfJobs(CallersCase):
    JOBS = 1_000
    # The one place stays taken: nobody's job starts. What was left out is told with the next entry.
    config = {"daemon": {"heartbeat": "1s"}, "queue": {"active": 1}, "retry": {"first_contact_timeout": "30s"}}

    def test_jobs_that_come_and_go_do_not_fill_the_journal(self):
        held = self.url(name="held", hold=10)
        self.addCleanup(self.origin.release, held)
        self.daemon.download(held)
        self.origin.wait_sent(held, 10)
        eve = self.client(EVE)
        for job in submit(eve, [self.url(10, seed=f"{number}") for number in range(self.JOBS)]):
            self.assertEqual(eve.call("Cancel", id=job)["job"]["state"], "cancelled")
        self.ask_until(lambda: self.told() == 2 * self.JOBS, "all entries are accounted for")
        self.assertLess(len(self.entries()), 1000)

    def entries(self):
        return self.daemon.log.entries(CONCD_UID=str(account_of(EVE).uid))

    def told(self):
        return counted((entry.message for entry in self.entries()), r"(\d+) more entries")


class JobsOfOthers(CallersCase):
    config = {"daemon": {"admin_group": ADMIN_GROUP}}
    SECRETS = ("secret.bin", "uid", "output", "here.bin")

    def setUp(self):
        super().setUp()
        self.ana = self.client(ANA)
        self.held = self.url(1000, "secret.bin", hold=10)
        self.job = self.ana.call("Download", source=self.held, output="/tmp/here.bin")["id"]
        self.origin.wait_sent(self.held, 10)

    def views(self, client):
        """The job as Get, List and a Monitor and a Wait of one more change tell it."""
        monitor, wait = (self.client(*self.who) for _ in range(2))
        monitor.send("Monitor", more=True)
        wait.send("Wait", more=True, ids=[self.job])
        yield wait.reply()[0]["jobs"][0]
        yield client.call("Get", id=self.job)["job"]
        yield from client.call("List")["jobs"]
        self.ana.call("Priority", id=self.job, priority="high")
        self.ana.call("Priority", id=self.job, priority="low")
        yield monitor.reply()[0]["job"]
        yield wait.reply()[0]["jobs"][0]

    def test_a_stranger_sees_that_there_is_a_job_and_neither_whose_nor_from_where(self):
        self.who = (EVE,)
        for view in self.views(self.client(EVE)):
            self.assertEqual(view["id"], self.job)
            for secret in self.SECRETS:
                self.assertNotIn(secret, json.dumps(view))
        for verb in ("show", "list"):
            finished = self.assert_code(OK, self.concctl(verb, *([self.job] if verb == "show" else []), account=account_of(EVE)))
            self.assertNotIn("secret.bin", finished.stdout)
        for verb in ("Cancel", "Pause", "Retry", "Release", "OpenResult"):
            self.assertEqual(self.error(self.client(EVE), verb, id=self.job).name, "NotPermitted")
        self.assert_code(NOT_PERMITTED, self.concctl("cancel", self.job, account=account_of(EVE)))
        self.ana.call("Cancel", id=self.job)

    def test_an_admin_sees_all_of_it_and_manages_it_and_the_journal_tells_who(self):
        self.who = (ADMIN, ADMIN_GROUP)
        admin = self.client(*self.who)
        for view in self.views(admin):
            for secret in self.SECRETS:
                self.assertIn(secret, json.dumps(view))
        self.assertEqual(admin.call("Cancel", id=self.job)["job"]["state"], "cancelled")
        [entry] = self.daemon.log.entries("cancelled", self.job)
        self.assertEqual(entry.fields["CONCD_CALLER_UID"], str(account_of(ADMIN).uid))
        self.assertEqual(entry.fields["CONCD_CALLER_PID"], str(os.getpid()))
        self.assertEqual(entry.fields["CONCD_UID"], str(account_of(ANA).uid))

    def test_its_owner_sees_all_of_it(self):
        self.who = (ANA,)
        for view in self.views(self.client(ANA)):
            for secret in self.SECRETS:
                self.assertIn(secret, json.dumps(view))
        self.ana.call("Cancel", id=self.job)
