"""What a recorded run does: steps that take the daemon through every branch of its durable path."""

import io
import signal
import tarfile

from tests.chaos.harness.replay.tree import FILE, FOLDER, SYMLINK, Content, Node, Tree
from tests.support import origin_content
from tests.support.daemon import toml

KILOBYTE = 1000


class Sources:
    """Names, URLs and their right contents, the same ones for the same chance and origin."""

    def __init__(self, origin, folder, chance):
        self.origin, self.folder, self.chance = origin, folder, chance
        self.entries = {}  # of the catalog
        self.contents = {}  # name or URL -> fingerprints that are right
        self.failing = set()  # sources whose jobs end failed

    def url(self, tag, size, versions=1, **keys):
        """A file of `versions` versions."""
        url = self.origin.url(f"/file/{size}/{tag}", seed=f"{tag}", **keys)
        self.contents[url] = {origin_content.digest(size, tag, version) for version in range(versions)}
        return url

    def name(self, tag, size, digest=False, versions=1, **keys):
        url = self.url(tag, size, versions, **keys)
        self.contents[tag] = self.contents[url]
        self.entries[tag] = {"urls": [url]}
        if digest:
            self.entries[tag]["digest"] = "sha256:" + origin_content.digest(size, tag)
        return tag

    def archive(self, tag, versions=1):
        """A name whose archive is unpacked, of a file that replace_archive() makes the next version of."""
        path = self.folder / f"{tag}.tar.gz"
        self.contents[tag] = {unpacked(tag, version).fingerprint("x") for version in range(versions)}
        self.entries[tag] = {"urls": [f"file://{path}"], "unpack": True}
        self.replace_archive(tag, 0)
        return tag

    def replace_archive(self, tag, version):
        path = self.folder / f"{tag}.tar.gz"
        path.write_bytes(packed(unpacked(tag, version)))
        path.chmod(0o644)

    def catalog(self):
        return toml(self.entries)

    def source_of(self, job):
        """The key in `contents`; replies tell URLs without their queries."""
        if job.get("name"):
            return job["name"]
        tag = job["source"].partition("?")[0].rpartition("/")[2]
        return next(url for url in self.contents if f"/{tag}?" in url)


def unpacked(tag, version):
    """What the archive of that version holds, below x."""
    def file(name, size):
        return Node(FILE, 0o644, Content.of(origin_content.content(size, f"{tag}/{name}", version)))
    return Tree({"x": Node(FOLDER, 0o755), "x/empty": file("empty", 0), "x/folder": Node(FOLDER, 0o755),
                 "x/folder/deep": file("deep", 30 * KILOBYTE), "x/link": Node(SYMLINK, target="folder/deep"),
                 "x/readme": file("readme", 700 + version)})


def packed(tree):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, node in tree.nodes.items():
            if path == "x":
                continue
            info = tarfile.TarInfo(path[2:])
            info.mode = node.mode
            if node.kind == FOLDER:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            elif node.kind == SYMLINK:
                info.type, info.linkname = tarfile.SYMTYPE, node.target
                archive.addfile(info)
            else:
                info.size = len(node.content.data)
                archive.addfile(info, io.BytesIO(node.content.data))
    return buffer.getvalue()


class Step:
    """Made before the daemon is started, because the catalog must be; then played once."""

    def __init__(self, stage, tag):
        self.stage, self.tag, self.chance = stage, tag, stage.chance
        self.prepare()

    def prepare(self):
        raise NotImplementedError

    def play(self, player):
        raise NotImplementedError

    def size(self):
        return self.chance.choice((1, 700, 40 * KILOBYTE, 300 * KILOBYTE))


class Named(Step):
    """A name, by a thread, with or without a digest."""

    def prepare(self):
        self.source = self.stage.name(self.tag, self.size(), digest=self.chance.random() < 0.5)

    def play(self, player):
        player.finish(player.submit(self.source))


class Released(Step):
    """A URL, whose file the caller takes away; by a thread or a worker."""

    def prepare(self):
        self.source = self.stage.url(self.tag, self.size())
        self.executor = self.chance.choice(("thread", "process"))

    def play(self, player):
        job = player.submit(self.source, executor=self.executor)
        player.finish(job)
        player.release(job)


class Cut(Step):
    """The origin hangs up once or twice: what has come is kept and continued."""

    SIZES = (120 * KILOBYTE, 400 * KILOBYTE, 1300 * KILOBYTE)

    def prepare(self):
        size = self.chance.choice(self.SIZES)
        make = self.chance.choice((self.stage.name, self.stage.url))
        self.source = make(self.tag, size, cut=self.chance.randrange(1, size), times=self.chance.choice((1, 2)))
        self.executor = self.chance.choice(("thread", "process"))

    def play(self, player):
        player.finish(player.submit(self.source, executor=self.executor))


class Changed(Step):
    """The origin hangs up, and has another file the next time."""

    def prepare(self):
        size = 200 * KILOBYTE
        make = self.chance.choice((self.stage.name, self.stage.url))
        self.source = make(self.tag, size, versions=2, cut=self.chance.randrange(1, size), times=1, change=1)

    def play(self, player):
        player.finish(player.submit(self.source))


class Slow(Step):
    """It takes so long that a checkpoint is written in the middle."""

    def prepare(self):
        self.source = self.stage.url(self.tag, 90 * KILOBYTE, trickle=10 * KILOBYTE, every=900, times=1, cut=80_000)

    def play(self, player):
        player.finish(player.submit(self.source))


class Unpacked(Step):
    """An archive, fetched and unpacked by a worker; sometimes again, in the place of the first one."""

    def prepare(self):
        self.again = self.chance.random() < 0.5
        self.source = self.stage.archive(self.tag, 2 if self.again else 1)

    def play(self, player):
        player.finish(player.submit(self.source))
        if self.again:
            self.stage.replace_archive(self.source, 1)
            player.finish(player.submit(self.source, force=True))


class Renewed(Step):
    """A name whose file has changed is fetched again, in the place of the old one."""

    def prepare(self):
        self.source = self.stage.name(self.tag, 50 * KILOBYTE, versions=2, change=1)

    def play(self, player):
        player.finish(player.submit(self.source))
        player.finish(player.submit(self.source))


class Joined(Step):
    """Two want the same file at the same time; one may lose interest."""

    def prepare(self):
        self.source = self.stage.url(self.tag, 100 * KILOBYTE, hold=60_000)
        self.cancel = self.chance.random() < 0.5

    def play(self, player):
        first = player.submit(self.source)
        player.wait_sent(self.source, 60_000)
        second = player.submit(self.source)
        if self.cancel:
            player.ask("Cancel", first, "cancelled")
        player.origin_release(self.source)
        player.finish(*([second] if self.cancel else [first, second]))
        player.release(second)


class Cancelled(Step):
    """Given up in the middle."""

    def prepare(self):
        self.source = self.stage.url(self.tag, 100 * KILOBYTE, hold=60_000)
        self.executor = self.chance.choice(("thread", "process"))

    def play(self, player):
        job = player.submit(self.source, executor=self.executor)
        player.wait_sent(self.source, 60_000)
        player.ask("Cancel", job, "cancelled")
        player.origin_release(self.source)


class Paused(Step):
    """Laid aside in the middle, over a restart or a kill, and taken up again."""

    def prepare(self):
        self.source = self.stage.url(self.tag, 100 * KILOBYTE, hold=60_000)
        self.signal = self.chance.choice((signal.SIGTERM, signal.SIGKILL, None))

    def play(self, player):
        job = player.submit(self.source)
        player.wait_received(job, 60_000)
        player.ask("Pause", job, "paused")
        player.origin_release(self.source)
        if self.signal:
            player.restart(self.signal)
        player.ask("Resume", job, "accepted")
        player.finish(job)


class Restarted(Step):
    """The daemon ends, by itself or by force, while a thread and a worker are at it."""

    def prepare(self):
        self.sources = [self.stage.name(self.tag + "-name", 150 * KILOBYTE, hold=100_000),
                        self.stage.url(self.tag + "-url", 90 * KILOBYTE, hold=50_000)]
        self.signal = self.chance.choice((signal.SIGTERM, signal.SIGKILL))

    def play(self, player):
        jobs = [player.submit(self.sources[0]), player.submit(self.sources[1], executor="process")]
        player.wait_received(jobs[0], 100_000)
        player.wait_received(jobs[1], 50_000)
        player.restart(self.signal)
        for source in (self.stage.entries[self.sources[0]]["urls"][0], self.sources[1]):
            player.origin_release(source)
        player.finish(*jobs)


class AtOnce(Step):
    """Several in one go, so that they share commits and folders."""

    def prepare(self):
        self.sources = [self.stage.name(f"{self.tag}-{i}", 1000 * (i + 1)) for i in range(2)]
        self.sources += [self.stage.url(f"{self.tag}-url-{i}", 20 * KILOBYTE) for i in range(2)]

    def play(self, player):
        player.finish(*[player.submit(source) for source in self.sources])


class Refused(Step):
    """Not the expected file: nothing of it may stay."""

    def prepare(self):
        self.source = self.stage.name(self.tag, 80 * KILOBYTE, digest=True, version=1)
        self.stage.contents[self.source] = set()
        self.stage.failing.add(self.source)

    def play(self, player):
        player.fail(player.submit(self.source))


STEPS = (Named, Released, Cut, Changed, Unpacked, Renewed, Joined, Cancelled, Paused, Restarted, AtOnce, Refused, Slow)
