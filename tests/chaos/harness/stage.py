"""A daemon that may die at any moment, and what was asked of it: nothing of that may get lost or go wrong."""

import collections
import contextlib
import hashlib
import os
import signal
import socket
import uuid
from dataclasses import dataclass, field

from tests.chaos.harness.options import Failure
from tests.support import folder, varlink
from tests.support.daemon import Daemon
from tests.support.deadline import DEFAULT, Expired
from tests.support.visible import Visible, content

GONE = (ConnectionError, FileNotFoundError, socket.timeout, BrokenPipeError)


@dataclass
class Request:
    """A download that was asked for, and how it may come out."""

    source: str
    contents: set  # what its file may hold, as visible.content() tells it
    parameters: dict = field(default_factory=dict)
    states: set = field(default_factory=lambda: {"done"})
    into: str | None = None  # the caller's own file that it is fetched into
    id: int | None = None  # once the daemon has answered
    released: bool = False  # asked for; whether it came to pass may be unknown
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def named(self):
        return "://" not in self.source


class Stage:
    """One state folder over many lives of the daemon."""

    def __init__(self, config, catalog):
        self.daemon = Daemon(config, catalog)
        for name, mode in (("partial", 0o700), ("results", 0o700), ("trash", 0o700), ("library", 0o755)):
            path = self.daemon.state / name
            path.mkdir(mode=mode)
            self.daemon.account.own(path)
        self.visible = Visible(self.daemon.library, self.daemon.state / "results")
        self.requests = []
        self.known = {}  # what may be visible under a name of the library
        self.log = []  # of lives that have ended
        self.keep = False  # the folder, for a person to look at
        self._client = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.hang_up()
        self.visible.close()
        if self.keep and self.daemon.process is not None:
            self.kill()
        if not self.keep:
            self.daemon.close()

    # Life

    def start(self, environment=None):
        """True when it serves; False when it was killed before that."""
        try:
            self.daemon.start(environment)
            return True
        except Expired:
            if self.daemon.process.poll() != -signal.SIGKILL:
                raise
            return False

    def bury(self, timeout=DEFAULT):
        """Waits for the end of the daemon, whatever ended it; returns how it ended."""
        if self.daemon.process is None:
            return None
        self.hang_up()
        code = self.daemon.process.wait(timeout)
        self.daemon.notify.close()
        self.log.append(self.daemon.log)
        self.daemon.logs.clear()
        self.daemon.process = None
        return code

    def kill(self):
        self.daemon.process.kill()
        return self.bury()

    # Asking

    @property
    def client(self):
        if self._client is None:
            self._client = self.daemon.client()
        return self._client

    def hang_up(self):
        if self._client is not None:
            self._client.close()
            self._client = None

    def call(self, method, **parameters):
        """The reply; raises one of GONE when the daemon is, and varlink.Error."""
        try:
            return self.client.call(method, **parameters)
        except GONE:
            self.hang_up()
            raise

    def request(self, source, contents, states=("done",), into=None, **parameters):
        """Notes a download and what may come of it; ask() asks for it. `into`: the path of a file of the caller's."""
        request = Request(str(source), set(contents), parameters, set(states), into)
        if request.named:
            self.known.setdefault(request.source, set()).update(contents)
        self.requests.append(request)
        return request

    def ask(self, request):
        """Asks; the same again is the same job."""
        with contextlib.ExitStack() as files:
            parameters = {"source": request.source, "token": request.token, **request.parameters}
            if request.into:
                file = os.open(request.into, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                files.callback(os.close, file)
                parameters |= {"file": 0, "fds": [file]}
            request.id = self.call("Download", **parameters)["id"]
        return request.id

    def take_result(self, request, release):
        """What concctl does with a URL's file: opens it, looks at it, and releases it."""
        client = self.client
        try:
            reply = client.call("OpenResult", id=request.id)
        except GONE:
            self.hang_up()
            raise
        fd = client.fds.pop(reply["fd"])
        try:
            with open(fd, "rb", closefd=False) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        finally:
            os.close(fd)
        if found not in request.contents:
            raise Failure(f"the result of job {request.id}, {request.source}, is wrong")
        if release:
            request.released = True
            self.call("Release", id=request.id)

    # Looking

    def settle(self):
        """With a daemon that lives: asks again what was not answered, waits for all and returns the jobs."""
        for request in self.requests:
            if request.id is None:
                self.ask(request)
        jobs = {}
        ids = sorted({request.id for request in self.requests})
        for start in range(0, len(ids), 500):
            jobs.update((job["id"], job) for job in self.call("Wait", ids=ids[start : start + 500])["jobs"])
        return jobs

    def check(self, jobs):
        """The promises, for all requests at once; `jobs` are the ended ones by id."""
        for request in self.requests:
            self._check_request(request, jobs[request.id])
        if len({request.id for request in self.requests}) != len(self.requests):
            raise Failure("two requests got the same job")
        self.check_visible()
        self._check_left(jobs)

    def _check_request(self, request, job):
        if job["state"] not in request.states:
            raise Failure(f"job {request.id}, {request.source}, is {job['state']}: {job.get('failure')}")
        if job["state"] != "done":
            return
        if request.named:
            if content(self.daemon.library / request.source) not in self.known[request.source]:
                raise Failure(f"{request.source} in the library is wrong")
        elif job["direct"]:
            if content(request.into) not in request.contents:
                raise Failure(f"the caller's file of job {request.id} is wrong")
        elif not job["released"]:
            self.take_result(request, False)
        elif not request.released:
            raise Failure(f"job {request.id} was released by nobody")

    def check_visible(self):
        """All that was visible since the last look was whole, and only ever moved into its place."""
        whole = set().union(*(request.contents for request in self.requests), [""])
        for record in self.visible.take():
            known = self.known.get(record["name"], set()) | {""} if record["folder"] == "library" else whole
            fine = record["how"] in ("moved in", "deleted", "moved away") and record["found"] in known
            if not fine or (record["folder"] == "library" and record["how"] == "deleted"):
                raise Failure(f"visible was {record}")

    def _check_left(self, jobs):
        """Nothing lies about that nobody owns, once the last attempt has let go."""
        owed = {str(job["transfer"]) for request in self.requests for job in [jobs[request.id]]
                if not request.named and job["state"] == "done" and not job["released"] and not job["direct"]}
        for name, wanted in (("partial", set()), ("trash", set()), ("results", owed)):
            folder.wait_until(self.daemon.state / name, lambda names: set(names) == wanted,
                              f"in {name} should be {sorted(wanted)}")
        wrong = set(os.listdir(self.daemon.library)) - set(self.known)
        if wrong:
            raise Failure(f"in the library are also {wrong}")

    def write_log(self):
        """Keeps what all lives said beside their state."""
        (self.daemon.folder / "log").write_text("\n\n".join(log.text() for log in self.log + self.daemon.logs))

    def check_log(self):
        """No job was accepted or done twice, over all lives that have ended."""
        counts = collections.Counter()
        for log in self.log:
            log.wait_end()
            counts.update((entry.event, entry.job) for entry in log.entries(("accepted", "done")))
        self.log.clear()
        twice = [key for key, count in counts.items() if count > 1]
        if twice:
            raise Failure(f"more than once: {twice}")

    def count_jobs(self):
        """How many jobs the queue has, ended ones included."""
        before, count = {}, 0
        while page := self.call("List", finished=True, limit=1000, **before)["jobs"]:
            count += len(page)
            before = {"before": page[0]["id"]}
        return count

    def children(self):
        """The pids of the workers that run now."""
        try:
            with open(f"/proc/{self.daemon.pid}/task/{self.daemon.pid}/children", encoding="ascii") as file:
                return [int(pid) for pid in file.read().split()]
        except FileNotFoundError:
            return []

