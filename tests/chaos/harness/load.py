"""A mixed load: downloads of every kind, as chance has it, each with what may come of it."""

import functools
import hashlib
import io
import itertools
import tarfile

from tests.support import origin_content
from tests.support.visible import content

_SIM_LINES = 20
_BIG = 40_000_000
_MEMBERS = 3


@functools.lru_cache(maxsize=None)
def digest(size, seed, version=0):
    return origin_content.digest(size, seed, version)


def sim_digest(name):
    """Of the built-in origin's text."""
    lines = [f"Contenido de {name}\n"]
    lines += [f"{name}, línea {line} de {_SIM_LINES}\n" for line in range(2, _SIM_LINES + 1)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class Load:
    """Makes requests on a stage. Names are declared before their daemon starts: see declare()."""

    def __init__(self, random, stage, origin):
        self._random, self._stage, self._origin = random, stage, origin
        self._numbers = itertools.count()
        self._names = []
        self._sources = []  # URLs of late, to ask for again
        self._archives = self._make_archives()
        self._kinds = {self._small: 30, self._named: 0, self._slow: 14, self._unresumable: 6, self._cut: 8,
                       self._changed: 4, self._large: 4, self._again: 12, self._refused: 2}
        self._named_kinds = {self._declare_plain: 10, self._declare_slow: 5, self._declare_archive: 3,
                             self._declare_sim: 1}

    # What the origin has

    def _make_archives(self):
        """(path, digest of its folder) of a few archives that file: URLs may name."""
        place = self._stage.daemon.folder / "archives"
        place.mkdir()
        self._stage.daemon.configure({"transfer": {"file_roots": [place]}})
        found = []
        for number in range(4):
            folder, packed = place / f"tree-{number}", place / f"{number}.tar.gz"
            folder.mkdir()
            with tarfile.open(packed, "w:gz") as archive:
                for index in range(_MEMBERS):
                    data = origin_content.content(10_000 * (number + 1), f"member-{index}")
                    (folder / f"{index}.bin").write_bytes(data)
                    member = tarfile.TarInfo(f"{index}.bin")
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
            found.append((packed, content(folder)))
        return found

    def _url(self, size, **keys):
        return self._origin.url(f"/file/{size}/{next(self._numbers)}", seed=str(self._random.randrange(4)), **keys)

    def _request(self, url, size, *versions, **parameters):
        seed = url.partition("seed=")[2].partition("&")[0]
        contents = {digest(size, seed, version) for version in versions or (0,)}
        if len(contents) == 1 and self._random.random() < 0.4:
            parameters["digest"] = "sha256:" + next(iter(contents))
        if self._random.random() < 0.12:
            parameters["executor"] = "process"
        self._sources.append((url, contents, parameters))
        return self._stage.request(url, contents, **parameters)

    def _any_size(self, low, high):
        return int(low * (high / low) ** self._random.random())

    # Requests for URLs

    def _small(self):
        size = self._any_size(1, 60_000)
        return self._request(self._url(size), size)

    def _pace(self, size):
        return {"trickle": size // self._random.randint(4, 16) + 1, "every": self._random.randint(5, 60)}

    def _slow(self):
        size = self._any_size(50_000, 2_000_000)
        return self._request(self._url(size, **self._pace(size)), size)

    def _unresumable(self):
        size = self._any_size(10_000, 500_000)
        weak = {"etag": self._random.choice(("none", "weak")), "lm": "none"}
        return self._request(self._url(size, **weak, **self._pace(size)), size)

    def _cut(self):
        size = self._any_size(20_000, 1_000_000)
        return self._request(self._url(size, cut=self._random.randrange(size), times=self._random.randint(1, 3)), size)

    def _changed(self):
        """Another version from some request on; whichever is fetched must be fetched whole."""
        size = self._any_size(20_000, 500_000)
        url = self._url(size, change=self._random.randint(1, 3), **self._pace(size))
        return self._request(url, size, 0, 1)

    def _large(self):
        size = _BIG if self._random.random() < 0.1 else self._any_size(1_000_000, 8_000_000)
        return self._request(self._url(size), size)

    def _again(self):
        """The same once more: it joins, or is fetched anew."""
        if not self._sources:
            return self._small()
        url, contents, parameters = self._random.choice(self._sources[-8:])
        return self._stage.request(url, contents, **parameters)

    def _refused(self):
        return self._stage.request(self._url(10, status=404), (), states={"failed"})

    # Requests for names

    def declare(self, count, numbers=None):
        """Writes a catalog of so many names, new ones unless `numbers` are given; the daemon reads it at its start."""
        entries = []
        self._names = []
        for number in itertools.islice(numbers or self._numbers, count):
            name = f"name-{number}"
            entry, contents = self._choose(self._named_kinds)(name)
            self._names.append((name, contents))
            entries.append(f'["{name}"]\n{entry}')
        self._stage.daemon.write_catalog("\n".join(entries))
        self._kinds[self._named] = 25 if count else 0

    def _declare_plain(self, name, pace=None):
        size = self._any_size(1, 60_000) if pace is None else self._any_size(50_000, 500_000)
        url = self._url(size, **(pace(size) if pace else {}))
        found = digest(size, url.partition("seed=")[2].partition("&")[0])
        entry = f'urls = ["{url}"]\nexecutor = "{self._random.choice(("thread", "thread", "thread", "process"))}"\n'
        return entry + (f'digest = "sha256:{found}"\n' if self._random.random() < 0.5 else ""), {found}

    def _declare_slow(self, name):
        return self._declare_plain(name, self._pace)

    def _declare_archive(self, name):
        archive, found = self._random.choice(self._archives)
        return f'urls = ["file://{archive}"]\nunpack = true\n', {found}

    def _declare_sim(self, name):
        return f'urls = ["sim:{name}"]\n', {sim_digest(name)}

    def _named(self):
        name, contents = self._random.choice(self._names)
        force = {"force": True} if self._random.random() < 0.3 else {}
        return self._stage.request(name, contents, **force)

    # All of them

    def _choose(self, weights):
        return self._random.choices(list(weights), list(weights.values()))[0]

    def request(self):
        """One more, not asked for yet."""
        return self._choose(self._kinds)()
