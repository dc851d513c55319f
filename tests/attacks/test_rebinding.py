"""A DNS server that tells another address once the first one has been looked at."""

import unittest

from tests.attacks.internet import METADATA, PRIVATE, PUBLIC, InternetCase
from tests.integration.case import sha256
from tests.support import dns, mounts

NOWHERE = "198.51.100.9"  # on the internet, to which there is no route
LATER = (["127.0.0.1"], [PRIVATE], ["::ffff:127.0.0.1"], ["::1"], [f"::ffff:{PRIVATE}"], [METADATA],
         [f"::ffff:{METADATA}"], [NOWHERE, "127.0.0.1"])

setUpModule = mounts.become_private_if_permitted


class Rebinding(InternetCase):
    @classmethod
    def prepare_names(cls):
        cls.resolver = dns.Resolver()
        cls.addClassCleanup(cls.resolver.close)
        cls.dns = cls.network.run(dns.Dns)
        cls.addClassCleanup(cls.dns.close)

    def setUp(self):
        super().setUp()
        self.dns.answer("public.test", [PUBLIC])

    def assert_refused(self, job, host, later):
        [ended] = self.daemon.wait(job)
        self.assertEqual(ended["state"], "failed", ended)
        self.assertIn(f"{host} leads to ", ended["failure"]["message"])
        self.assertIn(later[-1].removeprefix("::ffff:"), ended["failure"]["message"])

    def begun(self, host, executor):
        """A job whose first bytes have come from the internet, and its URL."""
        url = self.url(host=host, seed=host, hold=10_000)
        with self.daemon.events() as events:
            job = self.daemon.download(url, executor=executor)
            events.wait_received(job, 10_000)
        return job, url

    def test_what_stays_on_the_internet_is_fetched(self):
        self.dns.answer("turning.test", [NOWHERE, PUBLIC], [PUBLIC])
        for executor in ("thread", "process"):
            with self.subTest(executor):
                url = self.url(host="turning.test", seed=executor)
                [job] = self.daemon.wait(self.daemon.download(url, executor=executor))
                self.assertEqual(job["state"], "done", job)
                self.assertEqual(sha256(job["path"]), self.digest(seed=executor))

    def test_a_later_answer_leads_nowhere_else(self):
        for number, later in enumerate(LATER):
            for executor in ("thread", "process"):
                with self.subTest(later, executor=executor):
                    host = f"turning-{number}-{executor}.test"
                    self.dns.answer(host, [PUBLIC], later)
                    job, url = self.begun(host, executor)
                    self.daemon.stop()
                    self.origin.release(url)
                    self.network.run(self.daemon.start)
                    self.assert_refused(job, host, later)
                    self.assertEqual(len(self.origin.requests(url)), 1)
                    self.assertGreater(self.dns.lookups(host), 1)

    def test_no_answer_leads_a_redirect_elsewhere(self):
        for number, later in enumerate(LATER):
            for executor in ("thread", "process"):
                with self.subTest(later, executor=executor):
                    host = f"target-{number}-{executor}.test"
                    self.dns.answer(host, later)
                    target = self.url(host=host)
                    url = self.origin.url("/redirect", host="public.test", to=target)
                    self.assert_refused(self.daemon.download(url, executor=executor), host, later)
                    self.assertEqual(self.origin.requests(target), [])


if __name__ == "__main__":
    unittest.main()
