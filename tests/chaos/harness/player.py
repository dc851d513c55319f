"""Plays the steps of a recorded run."""

from tests.chaos.harness.replay.tree import Content


class Player:
    """Asks the daemon for things, and notes in its log what it promises as soon as it has."""

    def __init__(self, daemon, stage):
        self.daemon, self.stage = daemon, stage

    def submit(self, source, **parameters):
        self.daemon.mark(what="submitting", source=source)
        parameters.setdefault("token", f"{source}/{self.daemon.log_file.stat().st_size}")
        job = self.daemon.download(source, **parameters)
        self.daemon.mark(what="accepted", job=job, source=source)
        return job

    def finish(self, *ids):
        for job in self.daemon.wait(*ids):
            if job["state"] != "done":
                raise AssertionError(f"a recorded job ended {job}")
            self.daemon.mark(what="state", job=job["id"], state="done", fingerprint=self._fingerprint(job))

    def _fingerprint(self, job):
        """Of a URL's file, which nobody else may replace."""
        if job.get("name"):
            return ""
        return Content.of((self.daemon.state / "results" / str(job["transfer"])).read_bytes()).sha256

    def fail(self, id):
        [job] = self.daemon.wait(id)
        if job["state"] != "failed":
            raise AssertionError(f"a recorded job ended {job}")
        self.daemon.mark(what="state", job=id, state="failed")

    def release(self, job):
        self.daemon.mark(what="asking", job=job, **{"for": "released"})
        self.daemon.call("Release", id=job)
        self.daemon.mark(what="released", job=job)

    def ask(self, verb, job, state):
        self.daemon.mark(what="asking", job=job, **{"for": state})
        self.daemon.call(verb, id=job)
        self.daemon.mark(what="state", job=job, state=state)

    def restart(self, signum):
        self.daemon.stop(signum)
        self.daemon.start(*self.daemon.start_arguments)

    def wait_sent(self, url, amount):
        self.stage.origin.wait_sent(url, amount)

    def wait_received(self, job, amount):
        with self.daemon.events() as events:
            if self.daemon.job(job)["received"] < amount:
                events.wait_received(job, amount)

    def origin_release(self, url):
        self.stage.origin.release(url)
