"""A file system that knows what it would forget: replays a log and tells, at each entry, what of it is on the disk.

What fsync(2) and POSIX promise, and nothing beyond: the bytes, size and mode of a file last once a sync of that
file, begun after them, has ended well; a name lasts once its folder has been synced. A rename happens whole or not
at all, and lasts once the folder of the new name is synced. What a failed sync was of is lost to later ones too
unless it is written anew: the kernel takes those pages for clean.
"""

from dataclasses import dataclass, field

from tests.chaos.harness.replay.log import EXCHANGE, Kind, Sync
from tests.chaos.harness.replay.tree import FILE, FOLDER, SYMLINK, Content, Node, Tree


ROOT = 0  # the first of our own numbers


class CannotReplay(Exception):
    """The log tells of something that this model has no words for."""


@dataclass
class Change:
    """Of a file's bytes, size or mode."""

    serial: int
    kind: Kind
    offset: int
    data: bytes
    mode: int
    lost: bool = False  # a sync of it failed

    def apply(self, data):
        if self.kind == Kind.TRUNCATE:
            del data[self.offset :]
            data.extend(bytes(self.offset - len(data)))
        elif self.kind == Kind.WRITE:
            put(data, self.offset, self.data)


def put(data, offset, piece):
    if offset > len(data):
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(piece)] = piece


class Inode:
    """A file, folder or link; of a file what is there now, what is on the disk, and what lies between."""

    def __init__(self, number, kind, mode, target=""):
        self.number, self.kind, self.target = number, kind, target
        self.mode = self.settled_mode = mode
        self.data, self.settled = bytearray(), bytearray()
        self.pending = []
        self._now = self._on_disk = None

    def change(self, change):
        self.pending.append(change)
        if change.kind == Kind.MODE:
            self.mode = change.mode
        else:
            change.apply(self.data)
            self._now = None

    def sync(self, before, what):
        """What was changed before that serial number is on the disk now."""
        left = []
        for change in self.pending:
            if change.serial >= before or (change.kind == Kind.MODE and what == Sync.DATA):
                left.append(change)
            elif change.kind == Kind.MODE:
                self.settled_mode = change.mode
            elif not change.lost:
                change.apply(self.settled)
        self.pending = left
        self._on_disk = None

    def lose(self, before):
        for change in self.pending:
            change.lost |= change.serial < before and change.kind == Kind.WRITE

    def now(self):
        if self._now is None:
            self._now = Content.of(self.data)
        return self._now

    def on_disk(self):
        if self._on_disk is None:
            self._on_disk = Content.of(self.settled)
        return self._on_disk


@dataclass
class Naming:
    """A change of names: all of it happens, or nothing."""

    serial: int
    folder: int  # whose sync makes it last
    entries: list  # (folder, name, inode or None)
    atomic: bool = True  # False: of a rename between folders, whose old name may stay
    durable: bool = False


@dataclass
class Disk:
    """`root` is the inode number of the watched folder, which lasts."""

    root: int
    serial: int = 0
    inodes: dict = field(default_factory=dict)  # our own numbers, because the kernel's come again
    namings: list = field(default_factory=list)
    _numbers: dict = field(default_factory=dict)  # the kernel's -> ours
    _syncs: dict = field(default_factory=dict)
    _now: dict = field(default_factory=dict)

    def __post_init__(self):
        self._new(self.root, FOLDER, 0o755)
        self._now = {ROOT: {}}

    def _new(self, number, kind, mode, target=""):
        ours = len(self.inodes)
        self.inodes[ours] = Inode(ours, kind, mode, target)
        self._numbers[number] = ours
        return ours

    def _inode(self, number):
        if number not in self._numbers:
            raise CannotReplay(f"nobody made the inode {number}")
        return self.inodes[self._numbers[number]]

    def _name(self, folder, *entries, atomic=True):
        naming = Naming(self.serial, folder, list(entries), atomic)
        self.namings.append(naming)
        apply(self._now, naming.entries)

    def replay(self, entry):
        """Takes the next entry of the log."""
        self.serial += 1
        handler = getattr(self, "_on_" + entry.kind.name.lower(), None)
        if handler is None:
            raise CannotReplay(str(entry))
        handler(entry)

    def _on_mark(self, entry):
        pass

    _on_fault = _on_mark

    def _on_create(self, entry):
        folder = self._inode(entry.folder).number
        self._name(folder, (folder, entry.name, self._new(entry.inode, FILE, entry.flags)))

    def _on_make_folder(self, entry):
        folder = self._inode(entry.folder).number
        self._name(folder, (folder, entry.name, self._new(entry.inode, FOLDER, entry.flags)))

    def _on_symlink(self, entry):
        folder = self._inode(entry.folder).number
        target = entry.data.decode()
        self._name(folder, (folder, entry.name, self._new(entry.inode, SYMLINK, 0o777, target)))

    def _on_link(self, entry):
        folder = self._inode(entry.folder).number
        self._name(folder, (folder, entry.name, self._inode(entry.inode).number))

    def _on_unlink(self, entry):
        folder = self._inode(entry.folder).number
        self._name(folder, (folder, entry.name, None))

    def _on_rename(self, entry):
        source, target = self._inode(entry.folder).number, self._inode(entry.other_folder).number
        moved = self._now[source][entry.name]
        swapped = self._now.get(target, {}).get(entry.other_name) if entry.flags & EXCHANGE else None
        self._name(target, (source, entry.name, swapped), (target, entry.other_name, moved),
                   atomic=bool(entry.flags & EXCHANGE) or source == target)

    def _on_write(self, entry):
        self._inode(entry.inode).change(Change(self.serial, entry.kind, entry.offset, entry.data, 0))

    _on_truncate = _on_write

    def _on_mode(self, entry):
        self._inode(entry.inode).change(Change(self.serial, entry.kind, 0, b"", entry.flags))

    def _on_sync_begin(self, entry):
        self._syncs[entry.pid, entry.offset] = self.serial

    def _on_sync_end(self, entry):
        begun = self._syncs.pop((entry.pid, entry.offset))
        inodes = self.inodes.values() if entry.flags == Sync.FILE_SYSTEM else [self._inode(entry.inode)]
        for inode in inodes:
            if entry.error:
                inode.lose(begun)
            else:
                inode.sync(begun, entry.flags)
        if entry.error:
            return
        folders = {inode.number for inode in inodes}
        for naming in self.namings:
            naming.durable |= naming.serial < begun and naming.folder in folders

    # Looking at it as it is now

    def path_of(self, number, folder=ROOT, prefix=""):
        """Of a folder with the kernel's inode number; None when it has no name."""
        for name, inode in self._now.get(folder, {}).items():
            if inode == self._numbers.get(number):
                return prefix + name
            found = self.path_of(number, inode, f"{prefix}{name}/") if self.inodes[inode].kind == FOLDER else None
            if found is not None:
                return found
        return None

    def files_below(self, folder, name):
        """The file of that name in the folder with the kernel's inode number, or all files below."""
        inode = self.inodes[self._now[self._inode(folder).number][name]]
        return list(self._files(inode))

    def _files(self, inode):
        if inode.kind == FILE:
            yield inode
        for below in self._now.get(inode.number, {}).values():
            yield from self._files(self.inodes[below])

    # Pictures

    def tree(self, entries, content):
        """What `entries` of namings and the bytes (Content, mode) of each file amount to."""
        names = {}
        apply(names, entries)
        nodes = {}
        self._collect(nodes, names, ROOT, "", content, set())
        return Tree(nodes)

    def _collect(self, nodes, names, folder, prefix, content, above):
        for name, number in names.get(folder, {}).items():
            inode = self.inodes[number]
            path = prefix + name
            if inode.kind == FILE:
                data, mode = content(inode)
                nodes[path] = Node(FILE, mode, data, same=number)
            elif inode.kind == SYMLINK:
                nodes[path] = Node(SYMLINK, target=inode.target)
            elif number not in above:
                nodes[path] = Node(FOLDER, content(inode)[1])
                self._collect(nodes, names, number, path + "/", content, above | {number})

    def now(self):
        """As all processes see it: what is left after a kill."""
        return self.tree(all_entries(self.namings), lambda inode: (inode.now(), inode.mode))


def apply(names, entries):
    for folder, name, inode in entries:
        if inode is None:
            names.setdefault(folder, {}).pop(name, None)
        else:
            names.setdefault(folder, {})[name] = inode


def all_entries(namings):
    return [entry for naming in namings for entry in naming.entries]
