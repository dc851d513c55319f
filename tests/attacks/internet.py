"""An origin that is on the internet, in a private network, on this machine, and where metadata services are."""

import unittest

from tests.integration.case import DaemonCase
from tests.support import mounts, network
from tests.support.account import is_root
from tests.support.daemon import Daemon
from tests.support.origin import Origin

PUBLIC, PRIVATE, METADATA = "203.0.113.7", "10.9.8.7", "169.254.169.254"


@unittest.skipUnless(is_root(), "needs root to make a network namespace")
class InternetCase(DaemonCase):
    """Each test has an origin and a daemon of its own in the network; a class says what the names lead to."""

    config = {"transfer": {"threads": 1}}

    @classmethod
    def setUpClass(cls):
        try:
            cls.network = network.Namespace()
        except network.NotPermitted as reason:
            raise unittest.SkipTest(str(reason)) from None
        cls.addClassCleanup(cls.network.close)
        for address in (PUBLIC, PRIVATE, METADATA):
            cls.network.add_address(address)
        if not mounts.are_private():
            raise unittest.SkipTest("needs a mount namespace")
        cls.prepare_names()

    @classmethod
    def prepare_names(cls):
        raise NotImplementedError

    def setUp(self):
        self.origin = self.network.run(lambda: Origin("0.0.0.0"))
        self.addCleanup(self.origin.close)
        self.daemon = self.network.run(lambda: Daemon(self.config))
        self.addCleanup(self.daemon.close)
        self.network.run(self.daemon.start)
        super().setUp()
