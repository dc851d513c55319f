"""A disk that fills and empties: jobs wait for free space, others go on, nothing is lost."""

import concurrent.futures
import os
import sys
import threading

from tests.chaos.harness import fault_case
from tests.chaos.harness.fault_case import until
from tests.support import mounts, varlink
from tests.support.deadline import Expired

MIB = 1 << 20
EXECUTORS = ("thread", "process")


class SmallDisk(fault_case.FaultCase):
    def setUp(self):
        super().setUp()
        self.need_mounts()

    def start(self, size, config=None, catalog=""):
        """A daemon whose state is on a disk of `size` bytes, and that disk."""
        daemon = self.make({"retry": {**fault_case.SHORT["retry"], "max_delay": "10min"}, **(config or {})}, catalog)
        disk = mounts.SmallDisk(daemon.state, size, daemon.account)
        self.addCleanup(disk.close)
        return daemon.start(), disk

    def wait_parked(self, daemon, events, job):
        """The job once it waits for space."""
        parked = events.wait_for("waiting", job)
        self.assertEqual(parked["state"], "waiting")
        wait = parked["wait"]
        self.assertEqual(wait["kind"], "disk_space")
        self.assertIn("No space left on device", wait["message"])
        self.assertGreater(wait["needed"], wait["free"])
        self.assertEqual(daemon.job(job)["wait"], wait)
        return parked

    def let_look_again(self, daemon, disk, free):
        """Leaves so much free, and returns once the daemon has seen that: a job for which it is enough has gone on."""
        size = free - MIB // 2
        disk.leave(free - MIB)
        with daemon.events() as events:
            job = daemon.download(self.url(size, "probe"))
            self.wait_parked(daemon, events, job)
        disk.leave(free)
        self.check_done(daemon, {job: (size, "probe")})

    def test_a_known_size_is_reserved_and_others_go_on(self):
        daemon, disk = self.start(32 * MIB)
        disk.leave(6 * MIB)
        urls, large = {}, {}
        with daemon.events() as events:
            for executor in EXECUTORS:
                urls[executor] = self.url(10 * MIB, executor)
                job = daemon.download(urls[executor], executor=executor)
                large[job] = (10 * MIB, executor)
                self.wait_parked(daemon, events, job)
        self.assertGreater(disk.free(), 5 * MIB, "what was reserved in vain is given back")
        self.check_done(daemon, self.some_that_fit(daemon, (10_000, 300_000, 3 * MIB)))
        self.let_look_again(daemon, disk, 8 * MIB)
        for job in large:
            self.assertEqual(daemon.job(job)["state"], "waiting")
        for url in urls.values():
            self.assertEqual(len(self.origin.requests(url)), 1, "the origin is not asked while there is no space")
        disk.leave(26 * MIB)
        self.check_done(daemon, large)
        for url in urls.values():
            self.assertEqual(len(self.origin.requests(url)), 2)

    def some_that_fit(self, daemon, sizes):
        return {daemon.download(self.url(size, f"{size}"), executor=executor): (size, f"{size}")
                for size, executor in zip(sizes, EXECUTORS * len(sizes))}

    def test_a_disk_that_fills_midway_parks_the_job_and_keeps_what_came(self):
        daemon, disk = self.start(32 * MIB)
        urls, jobs = {}, {}
        with daemon.events() as events:
            for executor in EXECUTORS:
                disk.leave(6 * MIB)
                # Of a size that nobody knows beforehand.
                urls[executor] = self.url(10 * MIB, executor, chunked=1)
                job = daemon.download(urls[executor], executor=executor)
                jobs[job] = (10 * MIB, executor)
                self.wait_parked(daemon, events, job)
        kept = {int(entry.name.split(".")[0]): os.stat(entry).st_size for entry in os.scandir(daemon.state / "partial")}
        self.assertGreater(min(kept.values()), 1 * MIB)
        self.check_done(daemon, self.some_that_fit(daemon, (1000, 2000)))
        self.let_look_again(daemon, disk, 7 * MIB // 4)
        disk.leave(26 * MIB)
        self.check_done(daemon, jobs)
        for job, (_, executor) in jobs.items():
            _, *later = self.origin.requests(urls[executor])
            self.assertEqual({(seen.status, seen.headers["range"]) for seen in later}, {(206, f"bytes={kept[job]}-")})
            self.assertLess(len(later), 4, "it asks the origin rarely")

    def test_a_job_parked_for_space_can_be_cancelled_and_gives_its_space_to_others(self):
        daemon, disk = self.start(16 * MIB)
        disk.leave(6 * MIB)
        with daemon.events() as events:
            job = daemon.download(self.url(8 * MIB, "first", chunked=1))
            self.wait_parked(daemon, events, job)
            other = daemon.download(self.url(4 * MIB, "second"))
            self.wait_parked(daemon, events, other)
            daemon.call("Cancel", id=job)
        self.check_done(daemon, {other: (4 * MIB, "second")})

    def test_a_full_disk_loses_nothing_of_the_queue(self):
        catalog = '["lesson"]\nurls = ["sim:lesson"]\n'
        daemon, disk = self.start(8 * MIB, catalog=catalog)
        held = self.url(50_000, "held", hold=40_000)
        before = {daemon.download(held): (50_000, "held")}
        self.origin.wait_sent(held, 40_000)
        accepted, refused = {}, 0
        disk.leave(0)
        for index in range(2000):
            try:
                accepted[daemon.download(self.url(100, index))] = (100, str(index))
            except varlink.Error as error:
                self.assertEqual(error.name, "StoreFailed", error)
                refused += 1
                if refused == 5:
                    break
        self.assertEqual(refused, 5, "the disk was never full")
        self.assertTrue(daemon.call("Status")["pid"], "it still answers")
        self.origin.release(held)
        with self.subTest("killed and started on a full disk"):
            daemon.kill()
            try:
                daemon.start()
            except Expired as reason:
                self.assertRegex(str(reason), "queue.db can(.|no)t be written")
        disk.leave(6 * MIB)
        if daemon.process is None or daemon.process.poll() is not None:
            daemon.process = None
            daemon.start()
        self.check_done(daemon, {**before, **accepted})
        later = daemon.download("lesson")
        self.assertEqual(daemon.wait(later)[0]["state"], "done")

    def test_an_end_that_cannot_be_written_is_written_once_there_is_space(self):
        daemon, disk = self.start(8 * MIB)
        with daemon.events() as events:
            url = self.url(50_000, "held", hold=49_500)  # the rest fits into the page that is there
            job = daemon.download(url)
            events.wait_received(job, 49_500)
        self._fill_the_store(daemon, disk)
        self.origin.release(url)
        until(lambda: [entry for entry in daemon.log.entries() if "could not be written" in entry.message],
              "the store to be full")
        self.assertNotEqual(daemon.job(job)["state"], "done", "done is said only once it is on disk")
        disk.leave(4 * MIB)
        self.check_done(daemon, {job: (50_000, "held")})

    def test_a_cancel_that_cannot_be_written_is_told_to_those_who_wait_once_there_is_space(self):
        daemon, disk = self.start(8 * MIB, {"queue": {"active": 1}})
        with daemon.events() as events:
            # It has reserved its file before the disk is full: else it would wait for space and give its slot away.
            events.wait_received(daemon.download(self.url(50_000, "held", hold=1)), 1)
        job = daemon.download(self.url(50_000, "queued"))  # has nothing on the disk that a cancel would free
        self._fill_the_store(daemon, disk)
        with daemon.client() as waiter, daemon.events() as events:
            waiter.send("Wait", ids=[job])
            with self.assertRaises(varlink.Error) as refused:
                daemon.call("Cancel", id=job)
            self.assertEqual(refused.exception.name, "StoreFailed")
            self.assertEqual(events.all(job), [])
            disk.leave(4 * MIB)
            self.assertEqual(waiter.reply()[0]["jobs"][0]["state"], "cancelled")
            events.wait_for("cancelled", job)
        self.assertEqual(daemon.job(job)["state"], "cancelled")

    def _fill_the_store(self, daemon, disk):
        """Until it can write nothing more, be it ever so little."""
        parked = daemon.download(self.url(100, "parked", hold=1))
        failed = 0
        for index in range(5000):
            disk.leave(0)  # a job that stops gives a page back
            try:
                daemon.call("Resume" if index % 2 else "Pause", id=parked)
                failed = 0
            except varlink.Error as error:
                failed += error.name == "StoreFailed"
                if failed == 3:
                    return
        self.fail("the disk was never full")

    def test_a_disk_that_fills_and_empties_many_times(self):
        daemon, disk = self.start(16 * MIB, {"queue": {"active": 8, "active_per_host": 8}})
        quit = threading.Event()

        def weigh():
            # For ever would be a game of chance: nobody is promised that space which appears for a moment is theirs.
            for _ in range(30):
                if quit.wait(self.random.uniform(0.1, 0.5)):
                    break
                disk.leave(self.random.choice((0, MIB, 4 * MIB)) if self.random.random() < 0.6 else 15 * MIB)
            disk.leave(15 * MIB)

        weight = threading.Thread(target=weigh)
        owners = [(index, self.random.choice((20_000, 200_000, MIB, 2 * MIB, 3 * MIB)),
                   {"every": 5} if self.random.random() < 0.3 else {}) for index in range(16)]
        weight.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(len(owners)) as pool:
                for future in [pool.submit(self._own, daemon, *owner) for owner in owners]:
                    future.result()
        finally:
            quit.set()
            weight.join()
        # What was released while nothing could be read is removed a moment later.
        for name in ("partial", "results"):
            until(lambda: os.listdir(daemon.state / name) == [], f"nothing is left in {name}", 30)

    def _own(self, daemon, index, size, keys):
        """As somebody would who wants a file: looks at it once it is done, and releases it."""
        if keys:
            keys = {"trickle": size // 3, **keys}
        executor = "process" if index % 8 == 0 else "thread"
        url = self.url(size, index, **keys)
        job = self._insist(daemon, "Download", source=url, executor=executor, token=str(index))["id"]
        self.check_done(daemon, {job: (size, str(index))})
        self._insist(daemon, "Release", id=job)

    @staticmethod
    def _insist(daemon, method, **parameters):
        """The disk may be full right now."""
        def reply():
            try:
                return daemon.call(method, **parameters)
            except varlink.Error as error:
                if error.name != "StoreFailed":
                    raise
                return None
        return until(reply, f"{method} {parameters}", 60)


def main(words=None):
    return fault_case.run(__name__, __doc__, words)


if __name__ == "__main__":
    sys.exit(main())
