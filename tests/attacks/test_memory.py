"""A user who makes the daemon hold as much as he can: bytes that are no call yet, answers that he does not read, and
descriptors."""

import contextlib
import os
import socket
import unittest

from tests.attacks.callers import ANA, EVE, CallersCase, as_user, submit
from tests.support import varlink
from tests.support.deadline import DEFAULT

MIB = 1 << 20
GIB = 1 << 30
MOST_CLOSING = 16  # by threads of the daemon
MOST_DESCRIPTORS = 253  # of one message: SCM_MAX_FD, unix(7)


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


class EndlessFrame(MemoryCase):
    def test_it_is_hung_up_on_long_before_its_end(self):
        before, sent = self.resident(), 0
        eve = self.client(EVE)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            eve.send_raw(b'{"method":"io.concd.Status","x":"')
            for _ in range(GIB // MIB):
                eve.send_raw(b"x" * MIB)
                sent += MIB
        self.assertLess(sent, 8 * MIB)
        self.assert_bounded(before)


class Descriptors(CallersCase):
    def held(self):
        return len(os.listdir(f"/proc/{self.daemon.pid}/fd"))

    def test_those_that_are_sent_are_not_taken(self):
        before = self.held()
        ana, eve = self.client(ANA), self.client(EVE)
        with open("/dev/null", "rb") as file:
            for _ in range(100):
                socket.send_fds(eve.socket, [b" "], [file.fileno()] * MOST_DESCRIPTORS)
                # Answered after what was sent before it has been read.
                socket.send_fds(eve.socket, [b'{"method":"io.concd.Status"}\0'], [file.fileno()] * MOST_DESCRIPTORS)
                self.assertIn("pid", eve.reply()[0])
                self.assertLess(self.held(), before + 10 + MOST_CLOSING)
                self.ask_until(lambda: self.held() < before + 10, "they are closed")
        self.assertIn("pid", ana.call("Status"))


if __name__ == "__main__":
    unittest.main()
