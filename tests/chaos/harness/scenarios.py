"""Ways through the daemon that together reach every crash point; each one ends in a known state, wherever it dies."""

import io
import signal
import tarfile

from tests.chaos.harness.options import Failure
from tests.chaos.harness.scenario import SMALL, Scenario, digest
from tests.support import folder, origin_content
from tests.support.visible import content

LARGE = 40_000_000
ENOUGH = 36_000_000  # of a large file, for a checkpoint on the way


class Small(Scenario):
    """A URL's file that is handed over, and one that is not."""

    def act(self):
        first, second = self.want(self.url(name="a")), self.want(self.url(name="b", lm=1_600_000_123))
        self.stage.ask(second)
        self.fetch(first)
        self.stage.take_result(first, release=True)
        self.wait(second)


class Direct(Scenario):
    """A URL's file that is fetched into the caller's own, and copied for another job."""

    def source(self):
        return self.url(hold=SMALL // 2)

    def own(self):
        """A file of the caller's own, and a request for what is to be fetched into it."""
        return self.want(self.source(), into=self.stage.daemon.folder / "own")

    def act(self):
        first, second = self.own(), self.want(self.source())
        self.stage.ask(first)
        self.stage.ask(second)
        self.origin.release(self.source())
        self.wait(first)
        self.wait(second)

    def finish(self):
        self.origin.release(self.source())


class DirectLost(Direct):
    """The same, but when the daemon is back nobody brings the file again."""

    def prepare(self):
        request = self.own()
        self.stage.start()
        with self.stage.daemon.events() as events:
            events.wait_received(self.stage.ask(request), SMALL // 2)
        self.stage.kill()

    def act(self):
        self.until("file.lost")
        self.origin.release(self.source())
        self.wait(*self.stage.requests)


class Named(Scenario):
    """A file of the library, fetched once and asked for again."""

    def catalog(self):
        return f'["a.bin"]\nurls = ["{self.url()}"]\ndigest = "sha256:{digest(SMALL)}"\n'

    def act(self):
        self.fetch(self.want("a.bin"))
        self.fetch(self.want("a.bin"))


class Revalidated(Scenario):
    """A file of the library that the origin says is still the same, and then another one."""

    def catalog(self):
        return f'["a.bin"]\nurls = ["{self.url()}"]\n'

    def act(self):
        self.stage.known["a.bin"] = {digest(SMALL, 0), digest(SMALL, 1)}
        for change in (False, False, True):
            if change:
                self.origin.change(self.url())
            self.fetch(self.want("a.bin"))


class Large(Scenario):
    """A checkpoint while it runs."""

    executor = "thread"

    def source(self):
        return self.url(LARGE, hold=ENOUGH)

    def act(self):
        request = self.want(self.source(), size=LARGE, executor=self.executor)
        self.stage.ask(request)
        self.until("checkpoint.stored")
        self.origin.release(self.source())
        self.wait(request)

    def finish(self):
        self.origin.release(self.source())


class LargeByWorker(Large):
    executor = "process"


class Divided(Scenario):
    """A file over several connections, with checkpoints between, and then laid aside with gaps and taken up again."""

    executor = "thread"

    def source(self):
        return self.url(LARGE, trickle=32 << 10, every=10)

    def act(self):
        request = self.want(self.source(), size=LARGE, executor=self.executor)
        self.stage.ask(request)
        self.until("checkpoint.stored", "transfer.delivered")
        self.stage.call("Pause", id=request.id)
        self.until("keep.synced", "attempt.exited", "transfer.delivered")
        self.stage.call("Resume", id=request.id)
        self.wait(request)

    def finish(self):
        self.ask_and_try("Resume")


class DividedByWorker(Divided):
    executor = "process"


class Cut(Scenario):
    """A connection that breaks off: what came is kept and continued."""

    executor = "thread"

    def act(self):
        self.fetch(self.want(self.url(cut=SMALL // 2, times=1), executor=self.executor))


class CutByWorker(Cut):
    executor = "process"


class Changed(Scenario):
    """The same, but the file is another one when it goes on."""

    executor = "thread"

    def act(self):
        self.fetch(self.want(self.url(cut=SMALL // 2, times=1, change=1), version=1, executor=self.executor))


class ChangedByWorker(Changed):
    executor = "process"


class Process(Scenario):
    """A worker's file in the library."""

    def catalog(self):
        return f'["a.bin"]\nurls = ["{self.url()}"]\nexecutor = "process"\n'

    def act(self):
        self.fetch(self.want("a.bin"))


class Unpacked(Scenario):
    """An archive becomes a folder of the library, and another one takes its place."""

    def __init__(self, origin, number):
        super().__init__(origin, number)
        self.archive = None

    def prepare(self):
        place = self.stage.daemon.folder / "origin"
        place.mkdir()
        self.archive = place / "a.tar.gz"
        self.pack(0)
        self.stage.daemon.configure({"transfer": {"file_roots": [place]}})
        self.stage.daemon.write_catalog(f'["tree"]\nurls = ["file://{self.archive}"]\nunpack = true\n')

    def pack(self, version):
        """Puts that version of the archive in its place; returns what its folder will be."""
        folder_, packed = self.archive.parent / f"tree-{version}", self.archive.with_suffix(".new")
        with tarfile.open(packed, "w:gz") as archive:
            for number in range(3):
                data = origin_content.content(SMALL, f"member-{number}", version)
                (folder_ / "inner").mkdir(parents=True, exist_ok=True)
                (folder_ / "inner" / f"{number}.bin").write_bytes(data)
                member = tarfile.TarInfo(f"inner/{number}.bin")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        packed.rename(self.archive)
        return content(folder_)

    def act(self):
        first = content(self.archive.parent / "tree-0")
        self.fetch(self.stage.request("tree", {first}))
        self.fetch(self.stage.request("tree", {first, self.pack(1)}, force=True))


class UnpackingStopped(Unpacked):
    """The end by SIGTERM while a worker unpacks, and that worker's archive kept."""

    hold = "worker/worker.unpack_begun"

    def act(self):
        request = self.stage.request("tree", {content(self.archive.parent / "tree-0")})
        self.stage.ask(request)
        if self.until_held():
            self.stage.daemon.process.send_signal(signal.SIGTERM)
            self._until(lambda: False, [])


class NoArchive(Unpacked):
    """What was to be unpacked cannot be."""

    def pack(self, version):
        self.archive.write_bytes(origin_content.content(SMALL, "chaos", version))

    def act(self):
        self.fetch(self.stage.request("tree", (), states={"failed"}))


class FolderReplaced(Unpacked):
    """A file takes the place of a folder of the library."""

    def prepare(self):
        super().prepare()
        self.stage.start()
        self.fetch(self.stage.request("tree", {content(self.archive.parent / "tree-0")}))
        self.stage.kill()
        self.stage.daemon.write_catalog(f'["tree"]\nurls = ["{self.url()}"]\n')

    def act(self):
        self.fetch(self.want("tree", force=True))


class Joined(Scenario):
    """Two jobs of one transfer, of which one is given up."""

    def act(self):
        source = self.url(hold=SMALL // 2)
        given_up, wanted = self.want(source, states={"cancelled", "done"}), self.want(source)
        self.stage.ask(given_up)
        self.stage.ask(wanted)
        self.stage.call("Cancel", id=given_up.id)
        self.origin.release(source)
        self.wait(wanted)

    def finish(self):
        self.origin.release(self.url(hold=SMALL // 2))


class JoinedLate(Scenario):
    """A job that is being written down while the transfer that it joins ends."""

    hold = "partials.named"  # the store, and nobody else

    def source(self):
        return self.url(LARGE, hold=ENOUGH)

    def act(self):
        early, late = self.want(self.source(), size=LARGE), self.want(self.source(), size=LARGE)
        self.stage.ask(early)
        self.until_held()
        with self.stage.daemon.client() as client:
            client.send("Download", source=late.source, token=late.token)
            for _ in range(2):  # older input is read first
                self.stage.daemon.call("Status")
            self.origin.release(self.source())
            self.until("end.decided")
            self.go()
            client.reply()
        self.wait(early)
        self.fetch(late)

    def finish(self):
        self.origin.release(self.source())


class Rejoined(Scenario):
    """A cancelled job comes back while another one fetches the same."""

    def act(self):
        source = self.url(hold=SMALL // 2)
        first, second = self.want(source, states={"cancelled", "done"}), self.want(source)
        self.stage.ask(first)
        self.stage.call("Cancel", id=first.id)
        self.stage.ask(second)
        self.stage.call("Retry", id=first.id)
        self.origin.release(source)
        self.wait(first)

    def finish(self):
        self.origin.release(self.url(hold=SMALL // 2))


class Cancelled(Scenario):
    """A job that is cancelled while it runs."""

    executor = "thread"

    def act(self):
        self.request = self.want(self.url(hold=SMALL // 2), states={"cancelled"}, executor=self.executor)
        self.stage.ask(self.request)
        self.until("part.created")
        self.stage.call("Cancel", id=self.request.id)

    def finish(self):
        self.ask_and_try("Cancel")


class CancelledByWorker(Cancelled):
    executor = "process"


class Paused(Scenario):
    """A job that is paused, and goes on."""

    executor = "thread"

    def act(self):
        source = self.url(LARGE // 10, hold=LARGE // 20)
        request = self.want(source, size=LARGE // 10, executor=self.executor)
        self.stage.ask(request)
        self.until("part.written")
        self.stage.call("Pause", id=request.id)
        self.until("keep.synced", "attempt.exited")
        self.stage.call("Resume", id=request.id)
        self.origin.release(source)
        self.wait(request)

    def finish(self):
        self.origin.release(self.url(LARGE // 10, hold=LARGE // 20))
        self.ask_and_try("Resume")


class PausedByWorker(Paused):
    executor = "process"


class GivenUp(Scenario):
    """A job that is cancelled while it is paused: what was kept of it goes."""

    def act(self):
        request = self.want(self.url(LARGE // 10, hold=LARGE // 20), states={"cancelled"})
        self.stage.ask(request)
        self.until("part.written")
        self.stage.call("Pause", id=request.id)
        self.until("keep.synced")
        self.until("state.stored")
        self.stage.call("Cancel", id=request.id)

    def finish(self):
        self.ask_and_try("Cancel")


class Failed(Scenario):
    """What the origin does not have."""

    def act(self):
        request = self.stage.request(self.url(status=404), (), states={"failed"})
        self.fetch(request)
        self.stage.call("Retry", id=request.id)
        self.wait(request)


class Unexpected(Scenario):
    """Files that are not what was expected: another digest, another size."""

    def catalog(self):
        return f'["a.bin"]\nurls = ["{self.url()}"]\nsize = {SMALL + 1}\n'

    def act(self):
        requests = [self.stage.request(self.url(), (), states={"failed"}, digest="sha256:" + "0" * 64),
                    self.stage.request("a.bin", (), states={"failed"})]
        for request in requests:
            self.fetch(request)


class Unwanted(Scenario):
    """A file that is whole at the moment when its job is cancelled."""

    hold = "worker/worker.finished"

    def act(self):
        request = self.want(self.url(), states={"cancelled"}, executor="process")
        self.stage.ask(request)
        self.until_held()
        self.stage.call("Cancel", id=request.id)
        self.go()
        self.until("attempt.exited")

    def finish(self):
        for request in self.stage.requests:
            request.states = {"cancelled", "done"}


class Orphaned(Scenario):
    """A worker that is about to report a whole file when its daemon dies, while the next daemon fetches the same anew."""

    hold = "worker/transfer.delivered"

    def source(self):
        return self.url(LARGE // 10, hold=LARGE // 20, after=1)

    def catalog(self):
        return f'["a.bin"]\nurls = ["{self.source()}"]\nexecutor = "process"\n'

    def act(self):
        request = self.want("a.bin", size=LARGE // 10)
        self.stage.ask(request)
        if not self.until_held("attempt.exited"):
            return  # it was killed before it got there
        self.stage.kill()
        self.stage.start({"CONCD_CRASH_TALLY": str(self._tally)})
        self._until(lambda: self._written_again() > 0, [])
        self.go()
        self.origin.release(self.source())
        self.wait(request)

    def _written_again(self):
        """Pieces that another than the first worker has written."""
        pids = [line.split()[1] for line in self._tally.read_text().splitlines() if line.endswith(" part.written")]
        return len(pids) - pids.count(pids[0])

    def finish(self):
        self.origin.release(self.source())


class Stopped(Scenario):
    """The end by SIGTERM in the middle of transfers."""

    executor = "thread"

    def act(self):
        request = self.want(self.url(LARGE // 10, hold=LARGE // 20), size=LARGE // 10, executor=self.executor)
        self.stage.ask(request)
        self.until("part.written")
        self.stage.daemon.process.send_signal(signal.SIGTERM)
        self._until(lambda: False, [])

    def finish(self):
        self.origin.release(self.url(LARGE // 10, hold=LARGE // 20))


class StoppedByWorker(Stopped):
    executor = "process"


class Leftovers(Scenario):
    """Files in the state folder that belong to nobody."""

    def prepare(self):
        self.want(self.url())
        place, state = self.stage.daemon.folder / "elsewhere", self.stage.daemon.state
        for name in ("partial/998.1.part", "partial/997.2.part.unpack/file", "partial/foreign", "results/996",
                     "results/foreign"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(origin_content.content(SMALL, "chaos"))
        for path in (*place.rglob("*"), place):
            self.stage.daemon.account.own(path)
        for path in (*(place / "partial").iterdir(), *(place / "results").iterdir()):
            path.rename(state / path.relative_to(place))

    def act(self):
        self.fetch(*self.stage.requests)


class InTheWay(Scenario):
    """A file that has the name of the next partial file."""

    def act(self):
        stray = self.stage.daemon.folder / "stray"
        stray.write_bytes(origin_content.content(2 * SMALL, "stray"))
        self.stage.daemon.account.own(stray)
        stray.rename(self.stage.daemon.state / "partial" / "1.1.part")
        self.fetch(self.want(self.url()))


class Pruned(Scenario):
    """Ended jobs that are not kept any more."""

    config = {"queue": {"keep_finished": "0s"}}

    def prepare(self):
        self.stage.start()
        for name in ("a", "b"):
            self.fetch(self.want(self.url(name=name)))
        self.fetch(self.stage.request(self.url(status=404), (), states={"failed"}))
        self.stage.check(self.stage.settle())
        self.stage.kill()

    def act(self):
        self.until("prune.removed")

    def check(self):
        folder.wait_until(self.stage.daemon.state / "results", lambda names: not names, "results are left")
        if self.stage.count_jobs() != 0:
            raise Failure("jobs are left")
        self.stage.check_visible()


def _all(base):
    for scenario in base.__subclasses__():
        yield scenario
        yield from _all(scenario)


ALL = {scenario.__name__: scenario for scenario in _all(Scenario)}
