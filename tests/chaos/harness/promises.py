"""What the daemon has promised so far, by the marks in a log, and whether it is kept."""

from dataclasses import dataclass, field, replace

from tests.chaos.harness.options import Failure

KNOWN = ("partial", "results", "trash", "library", "concd.lock")  # in the state folder, besides the queue
ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Promise:
    """Of one job. `state` is the last one that was said; `asked` what was asked for since, and may have happened."""

    source: str
    state: str = "accepted"
    asked: str = ""
    fingerprint: str = ""  # of a file that was there when the job was done
    released: bool = False


@dataclass
class Promises:
    jobs: dict = field(default_factory=dict)
    submitted: dict = field(default_factory=dict)  # source -> how often it was handed over, answered or not

    def note(self, mark):
        """Takes the next mark."""
        what = mark["what"]
        if what == "submitting":
            self.submitted[mark["source"]] = self.submitted.get(mark["source"], 0) + 1
        elif what == "accepted":
            self.jobs[mark["job"]] = Promise(mark["source"])
        elif what == "asking":
            self._change(mark["job"], asked=mark["for"])
        elif what == "released":
            self._change(mark["job"], asked="", released=True)
        elif what == "state":
            self._change(mark["job"], asked="", state=mark["state"], fingerprint=mark.get("fingerprint", ""))
        else:
            raise ValueError(mark)

    def _change(self, job, **changes):
        self.jobs[job] = replace(self.jobs[job], **changes)

    def key(self):
        return repr((sorted(self.jobs.items()), sorted(self.submitted.items())))

    # Before the daemon is started again

    def check_library(self, tree, contents):
        """Every published file of the picture is whole; those of jobs that were done are there."""
        for name in tree.names("state/library"):
            path = f"state/library/{name}"
            if tree.fingerprint(path) not in contents.get(name, ()):
                raise Failure(f"{path} is not whole: {_told(tree, path)}")
            if not tree.nodes[path].mode & 0o004:
                raise Failure(f"{path} is not for all to read")
        for id, promise in self.jobs.items():
            named = "://" not in promise.source
            if promise.state == "done" and named and promise.source not in tree.names("state/library"):
                raise Failure(f"job {id} was done, but {promise.source} is not in the library")

    # After it

    def check_states(self, jobs):
        """Before anything goes on: nothing that was said is unsaid."""
        for id, promise in self.jobs.items():
            job = jobs.get(id)
            if job is None:
                raise Failure(f"job {id} ({promise}) is lost")
            if promise.state in ENDED and not promise.asked and job["state"] != promise.state:
                raise Failure(f"job {id} was {promise.state} and is {job['state']}")
            if promise.state == "paused" and not promise.asked and job["state"] != "paused":
                raise Failure(f"job {id} was paused and is {job['state']}")
            if promise.released and not job["released"]:
                raise Failure(f"job {id} was released and is not any more")
        if len(jobs) > sum(self.submitted.values()):
            raise Failure(f"{len(jobs)} jobs of {sum(self.submitted.values())} that were handed over")

    def check_ends(self, jobs, may_fail):
        """After all have ended; `may_fail` tells whether a job may have failed."""
        for id, job in jobs.items():
            promise = self.jobs.get(id)
            if job["state"] == "done":
                continue
            if job["state"] == "cancelled" and promise and "cancelled" in (promise.state, promise.asked):
                continue
            if job["state"] == "failed" and may_fail(job):
                continue
            raise Failure(f"job {id} ended {job['state']}: {job.get('failure')}")

    def check_files(self, tree, jobs, contents, source_of):
        """After all have ended: the files of the jobs that are done are right, and nothing else is there."""
        results = {}
        for id, job in jobs.items():
            source = source_of(job)
            if job["state"] != "done":
                continue
            if job.get("name"):
                path = f"state/library/{job['name']}"
            elif not job["released"]:
                path = f"state/results/{job['transfer']}"
                results[str(job["transfer"])] = id
            else:
                continue
            if tree.fingerprint(path) not in contents[source]:
                raise Failure(f"job {id} is done, but {path} is not right: {_told(tree, path)}")
            promise = self.jobs.get(id)
            if promise and promise.fingerprint and not job.get("name"):
                if tree.fingerprint(path) != promise.fingerprint:
                    raise Failure(f"{path} is another file than it was when job {id} was done")
        for name in ("partial", "trash"):
            if tree.names(f"state/{name}"):
                raise Failure(f"left in {name}: {tree.names(f'state/{name}')}")
        if set(tree.names("state/results")) != set(results):
            raise Failure(f"left in results: {tree.names('state/results')}, of jobs: {results}")
        strange = [name for name in tree.names("state") if name not in KNOWN and not name.startswith("queue.db")]
        if strange:
            raise Failure(f"left in the state folder: {strange}")


def _told(tree, path):
    node = tree.nodes.get(path)
    if node is None:
        return "nothing is there"
    if node.content:
        return f"{len(node.content.data)} bytes"
    return ", ".join(name for name in tree.nodes if name.startswith(path))
