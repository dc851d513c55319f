"""What a way through the daemon is made of: a life that dies at a crash point, and one after it."""

import contextlib
import os
import select
import signal

from tests.chaos.harness.options import Failure
from tests.chaos.harness.stage import Stage
from tests.support import folder, origin_content, varlink
from tests.support.deadline import DEFAULT, Expired

SMALL = 20_000


def digest(size, version=0):
    return origin_content.digest(size, "chaos", version)


class NotReached(Exception):
    """Nobody got to the crash point this time."""


class Scenario:
    """prepare() runs undisturbed, act() in a life that may end at any moment, finish() in the one after that."""

    config = {}
    hold = ""  # a crash point at which a thread waits for go()

    def __init__(self, origin, number):
        self.origin, self._number = origin, number
        self.stage = None
        self._tally = self._fifo = None

    # For the subclasses

    def prepare(self):
        pass

    def act(self):
        raise NotImplementedError

    def finish(self):
        pass

    def check(self):
        self.stage.check(self.stage.settle())
        if self.stage.count_jobs() != len(self.stage.requests):
            raise Failure("there are jobs that nobody asked for")

    def catalog(self):
        return ""

    def url(self, size=SMALL, name="x", **keys):
        return self.origin.url(f"/file/{size}/{self._number}-{name}", seed="chaos", **keys)

    def want(self, source, version=0, size=SMALL, **parameters):
        """A request for a file of that version of the origin's."""
        return self.stage.request(source, {digest(size, version)}, **parameters)

    def fetch(self, request):
        self.stage.ask(request)
        return self.wait(request)

    def wait(self, request):
        return self.stage.call("Wait", ids=[request.id])["jobs"][0]

    def try_call(self, method, request):
        """A call that may come too late, or for the second time."""
        if request.id is not None:
            with contextlib.suppress(varlink.Error):
                self.stage.call(method, id=request.id)

    def ask_and_try(self, method):
        """Of all requests, answered or not: asks again, and calls what may have been called already."""
        for request in self.stage.requests:
            self.stage.ask(request)
            self.try_call(method, request)

    def until(self, *points):
        """Returns once somebody has got to one of the points; raises ConnectionError when the daemon is dead."""
        self._until(lambda: self._has_met(points), [])

    def until_held(self, *points):
        """Whether a thread is held; False when somebody has got to one of the points before that."""
        ready = []
        self._until(lambda: ready or self._has_met(points), [self._fifo["here"]], ready)
        return bool(ready)

    def _has_met(self, points):
        tally = self._tally.read_text()
        return any(f" {point}\n" in tally for point in points)

    def go(self):
        os.write(self._fifo["go"], b"x" * 16)

    def _until(self, predicate, fds, ready=None):
        try:
            life = os.pidfd_open(self.stage.daemon.pid)
        except ProcessLookupError:
            raise ConnectionError("the daemon is dead") from None
        watch = folder.Watch(self._tally.parent, folder.MODIFY)
        try:
            while not predicate():
                found, _, _ = select.select([watch, life, *fds], [], [], DEFAULT)
                if not found:
                    raise Expired(f"{type(self).__name__} waits in vain")
                if life in found:
                    raise ConnectionError("the daemon is dead")
                if watch in found:
                    watch.changes(0)
                if ready is not None:
                    ready += [fd for fd in fds if fd in found]
        finally:
            watch.close()
            os.close(life)

    # For the runner

    def run(self, point=""):
        """Dies once at `point`, "[ROLE/]NAME[:N]", and looks at what is left. Returns the points that were reached."""
        with Stage({"retry": {"first_contact_timeout": "30s", "tries": 20}, **self.config}, "") as self.stage:
            self.stage.daemon.write_catalog(self.catalog())
            notes = self._make_notes()
            self._fifo = {end: os.open(notes / f"hold.{end}", os.O_RDWR) for end in ("here", "go")}
            try:
                self.prepare()
                self._live({"CONCD_CRASH_TALLY": str(self._tally), "CONCD_CRASH_MARK": str(notes / "died"),
                            "CONCD_CRASH_POINT": point, "CONCD_HOLD_POINT": self.hold,
                            "CONCD_HOLD_FIFO": str(notes / "hold")})
                if point and not (notes / "died").exists():
                    raise NotReached(point)
                self._live_on()
            finally:
                for fd in self._fifo.values():
                    os.close(fd)
            return [tuple(line.split()) for line in self._tally.read_text().splitlines()]

    def _make_notes(self):
        notes = self.stage.daemon.folder / "notes"
        notes.mkdir()
        self._tally = notes / "tally"
        self._tally.touch()
        for end in ("here", "go"):
            os.mkfifo(notes / f"hold.{end}")
        for path in (notes, *notes.iterdir()):
            self.stage.daemon.account.own(path)
        return notes

    def _live(self, environment):
        """The life that may end at any moment."""
        with contextlib.suppress(ConnectionError, FileNotFoundError):
            if self.stage.start(environment):
                self.act()
                self.stage.daemon.process.send_signal(signal.SIGTERM)
        self.go()  # should somebody be held still
        code = self.stage.bury()
        if code not in (0, -signal.SIGKILL):
            raise Failure(f"concd ended with {code}")

    def _live_on(self):
        """The life after that: all must be well again."""
        if not self.stage.start():
            raise Failure("killed without a reason")
        self.finish()
        self.check()
        self.stage.daemon.process.send_signal(signal.SIGTERM)
        if self.stage.bury() != 0:
            raise Failure("did not end well")
        self.stage.check_log()
