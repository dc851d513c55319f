"""A stranger to the client: systemd's own varlinkctl (Debian 13) speaks to the service."""

import json
import unittest

from tests.system.case import SystemTest

SOCKET = "/run/concd/concd.sock"


class Varlinkctl(SystemTest):
    @classmethod
    def setUpClass(cls):
        if cls.machine.suite == "bookworm":
            # Debian 12 has no varlinkctl: there is nothing to test, on any machine.
            raise unittest.SkipTest("systemd 252 has no varlinkctl")

    def test_introspect_shows_an_interface_that_is_valid(self):
        text = self.machine.run(f"varlinkctl introspect {SOCKET} io.concd")
        self.assertIn("method Download(", text)
        self.machine.write("/root/interface.varlink", text)
        self.machine.run("varlinkctl validate-idl /root/interface.varlink")
        self.machine.run(f"varlinkctl introspect {SOCKET} org.varlink.service")
        self.assertIn("io.concd", self.machine.run(f"varlinkctl list-interfaces {SOCKET}"))

    def test_info_names_the_product(self):
        self.assertIn("concd", self.machine.run(f"varlinkctl info {SOCKET}"))

    def test_a_call_starts_a_job(self):
        reply = json.loads(self.machine.run(
            ["varlinkctl", "call", "-j", SOCKET, "io.concd.Download", '{"source":"Archivo1.txt","force":true}']))
        self.assertEqual(reply["job"]["name"], "Archivo1.txt")
        self.concctl(f"wait {reply['id']}")

    def test_more_streams_a_job_to_its_end(self):
        text = self.machine.run(
            ["varlinkctl", "call", "-j", "--more", SOCKET, "io.concd.Download",
             '{"source":"Archivo1.txt","force":true}'])
        states = [reply["job"]["state"] for reply in json_values(text)]
        self.assertGreater(len(states), 2)
        self.assertEqual(states[-1], "done")
        self.assertIn("running", states)

    def test_an_error_has_its_name(self):
        done = self.machine.execute(
            ["varlinkctl", "call", SOCKET, "io.concd.Download", '{"source":"Archivo9.txt"}'])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("io.concd.UnknownName", done.stdout + done.stderr)


def json_values(text):
    """The JSON values that follow one another in a text, separated by white space or RFC 7464's RS."""
    decoder, rest = json.JSONDecoder(), text.strip(" \n\x1e")
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].lstrip(" \n\x1e")
