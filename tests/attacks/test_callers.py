"""A user who does all that a connection allows: others are served as if he were not there, and he is told why not."""

import json
import os
import unittest

from tests.attacks.callers import (ADMIN, ADMIN_GROUP, ANA, EVE, CallersCase, Flood, account_of, as_user, call,
                                   call_more, submit)
from tests.integration.case import LIMIT, NOT_PERMITTED, OK
from tests.support import varlink

# Of one user; the number that concd is accepted with is 3000.
CONNECTIONS = int(os.environ.get("CONCD_ATTACK_CONNECTIONS", "400"))
CONNECTIONS_PER_USER = 256


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
            shown = self.concctl(verb, *([self.job] if verb == "show" else []), account=account_of(EVE))
            self.assert_code(OK, shown)
            self.assertNotIn("secret.bin", shown.stdout)
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
