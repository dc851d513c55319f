"""Who may what: polkit grants what the groups do not, to the process it was asked about, and holds nobody else up."""

import json
import os
import pwd
import socket
import subprocess
import sys
import tempfile

from tests.attacks.callers import ADMIN, ADMIN_GROUP, ANA, EVE
from tests.attacks.test_callers import CallersCase, call
from tests.integration.case import NOT_PERMITTED
from tests.support import varlink
from tests.support.account import Account
from tests.support.polkit import Polkit

OPEN_QUESTIONS = 16  # of one user

# Connects, hands the connection to its parent and ends.
CONNECT = """
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
socket.send_fds(socket.socket(fileno=int(sys.argv[2])), [b"x"], [peer.fileno()])
"""


class RightsCase(CallersCase):
    config = {"daemon": {"admin_group": ADMIN_GROUP}}
    SECRETS = ("secret.bin", "uid", "here.bin")

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="concd-bus-")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        self.polkit = Polkit(folder.name)
        self.addCleanup(self.polkit.close)
        # What could not be asked is not asked again for a while.
        self.daemon.stop()
        self.daemon.start(self.polkit.environment)
        self.ana = self.client(ANA)
        held = self.url(1000, "secret.bin", hold=10)
        self.job = self.ana.call("Download", source=held, output="/tmp/here.bin")["id"]
        self.origin.wait_sent(held, 10)

    def refused(self, client, method="Cancel"):
        self.assertEqual(self.error(client, method, id=self.job).name, "NotPermitted")

    def cancels(self, client):
        self.assertEqual(client.call("Cancel", id=self.job)["job"]["state"], "cancelled")


class JobsOfOthers(RightsCase):
    def test_who_may_manage_them_does_and_the_journal_tells_who(self):
        self.polkit.answer(manage_others="yes")
        self.cancels(self.client(EVE))
        uid = pwd.getpwnam(EVE).pw_uid
        self.assertEqual(self.polkit.questions(), [{"kind": "unix-process", "pid": os.getpid(), "uid": uid,
                                                    "action": "io.concd.manage-others", "flags": 0}])
        [entry] = self.daemon.log.entries("cancelled", self.job)
        self.assertEqual(entry.fields["CONCD_CALLER_UID"], str(uid))

    def test_who_may_not_is_refused_and_asked_about_each_time(self):
        eve = self.client(EVE)
        for verb in ("Cancel", "Pause", "Retry", "Release", "OpenResult"):
            self.refused(eve, verb)
        self.assertEqual({question["action"] for question in self.polkit.wait_questions(5)},
                         {"io.concd.manage-others"})
        self.assertEqual(eve.call("Get", id=self.job)["job"]["state"], "running")

    def test_who_may_see_them_does_and_is_asked_about_once_a_connection(self):
        self.polkit.answer(see_others="yes")
        eve, monitor, wait = (self.client(EVE) for _ in range(3))
        monitor.send("Monitor", more=True)
        wait.send("Wait", more=True, ids=[self.job])
        self.polkit.wait_questions(2)
        views = [wait.reply()[0]["jobs"][0], *(eve.call("List")["jobs"] * 2), eve.call("Get", id=self.job)["job"]]
        self.ana.call("Priority", id=self.job, priority="high")
        views.append(wait.reply()[0]["jobs"][0])
        self.ana.call("Priority", id=self.job, priority="low")
        views += [monitor.reply()[0]["job"] for _ in range(2)][1:]
        for view in views:
            for secret in self.SECRETS:
                self.assertIn(secret, json.dumps(view))
        self.assertEqual([question["action"] for question in self.polkit.questions()], ["io.concd.see-others"] * 3)
        # Seeing is not managing.
        self.refused(eve)

    def test_who_has_the_right_by_a_group_or_as_owner_is_not_asked_about(self):
        self.ana.call("Get", id=self.job)
        self.ana.call("Priority", id=self.job, priority="high")
        admin = self.client(ADMIN, ADMIN_GROUP)
        self.assertIn("secret.bin", json.dumps(admin.call("List")))
        self.cancels(admin)
        self.assertEqual(self.polkit.questions(), [])

    def test_a_grant_is_for_the_process_that_connected_and_not_for_who_has_its_number_next(self):
        self.polkit.answer(manage_others="yes", see_others="yes")
        ours, theirs = socket.socketpair()
        subprocess.run([sys.executable, "-c", CONNECT, self.daemon.socket, str(theirs.fileno())], check=True,
                       pass_fds=[theirs.fileno()], user=pwd.getpwnam(EVE).pw_uid,
                       group=self.daemon.account.gid, extra_groups=[])
        _, [descriptor], _, _ = socket.recv_fds(ours, 1, 1)
        with socket.socket(fileno=descriptor) as connection:
            connection.sendall(call("Cancel", id=self.job) + b"\0")
            self.assertIn(b"NotPermitted", connection.recv(4096))

    def test_without_polkit_the_groups_decide_and_the_journal_is_told_once(self):
        self.polkit.answer(manage_others="never")
        eve = self.client(EVE)
        eve.send("Cancel", id=self.job)
        self.polkit.wait_questions(1)
        self.polkit.end()
        with self.assertRaises(varlink.Error) as refused:
            eve.reply()
        self.assertEqual(refused.exception.name, "NotPermitted")
        for _ in range(3):
            self.refused(eve)
        told = [entry for entry in self.daemon.log.entries() if "polkit cannot be asked" in entry.message]
        self.assertEqual(len(told), 1)
        self.cancels(self.client(ADMIN, ADMIN_GROUP))

    def test_a_polkit_that_never_answers_holds_up_only_who_needs_it_and_not_for_ever(self):
        self.polkit.answer(manage_others="never")
        eve = self.client(EVE)
        eve.send("Cancel", id=self.job)
        self.polkit.wait_questions(1)
        for _ in range(20):
            self.assertIn("pid", self.client(EVE).call("Status"))
            self.ana.call("Priority", id=self.job, priority="high")
        with self.assertRaises(varlink.Error) as refused:
            eve.reply()
        self.assertEqual(refused.exception.name, "NotPermitted")

    def test_a_user_has_so_many_questions_open_and_others_have_theirs(self):
        self.polkit.answer(manage_others="never")
        eves = [self.client(EVE) for _ in range(OPEN_QUESTIONS)]
        for eve in eves:
            eve.send("Cancel", id=self.job)
        self.polkit.wait_questions(OPEN_QUESTIONS)
        self.polkit.answer(manage_others="yes")
        for _ in range(20):
            self.refused(self.client(EVE))
        self.assertEqual(len(self.polkit.questions()), OPEN_QUESTIONS)
        self.cancels(self.client(ADMIN))


class Guests(RightsCase):
    """The socket is open to all, and Eve is in no group of concd's."""

    def guest(self):
        os.chmod(self.daemon.socket, 0o666)
        os.setegid(pwd.getpwnam(EVE).pw_gid)
        os.seteuid(pwd.getpwnam(EVE).pw_uid)
        try:
            client = varlink.Client(self.daemon.socket)
        finally:
            os.seteuid(0)
            os.setegid(0)
        self.addCleanup(client.close)
        return client

    def test_a_guest_submits_jobs_only_where_polkit_says_so(self):
        error = self.error(self.guest(), "Download", source=self.url())
        self.assertEqual(error.name, "NotPermitted")
        self.polkit.answer(download="yes")
        guest = self.guest()
        job = guest.call("Download", source=self.url(name="guest.bin"))["id"]
        self.assertEqual(guest.call("Wait", ids=[job])["jobs"][0]["state"], "done")
        self.polkit.end()
        self.assertEqual(self.error(guest, "Download", source=self.url()).name, "NotPermitted")

    def test_concctl_says_what_is_missing(self):
        os.chmod(self.daemon.socket, 0o666)
        account = Account(pwd.getpwnam(EVE).pw_uid, pwd.getpwnam(EVE).pw_gid)
        finished = self.assert_code(NOT_PERMITTED, self.concctl("download", "-q", self.url(), account=account,
                                                                cwd=tempfile.gettempdir()))
        self.assertIn("daemon.socket_group", finished.stderr)
