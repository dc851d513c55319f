"""A picture of a folder and all below it."""

import hashlib
import os
import stat
from dataclasses import dataclass

FILE, FOLDER, SYMLINK = "file", "folder", "symlink"


@dataclass(frozen=True)
class Content:
    """Bytes and their digest, made once."""

    data: bytes
    sha256: str

    @classmethod
    def of(cls, data):
        return cls(bytes(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Node:
    kind: str
    mode: int = 0
    content: Content | None = None  # of a file
    target: str = ""  # of a symbolic link
    same: int = 0  # equal for the names of one file

    def key(self):
        return f"{self.kind} {self.mode:o} {self.content.sha256 if self.content else self.target}"


class Tree:
    """Paths relative to the folder, "a/b", and what is there."""

    def __init__(self, nodes):
        self.nodes = dict(sorted(nodes.items()))

    def digest(self):
        state = hashlib.sha256()
        for path, node in self.nodes.items():
            state.update(f"{path}\0{node.key()}\0".encode())
        return state.hexdigest()

    def names(self, folder):
        prefix = folder + "/"
        return [path[len(prefix) :] for path in self.nodes
                if path.startswith(prefix) and "/" not in path[len(prefix) :]]

    def fingerprint(self, path):
        """The SHA-256 of a file, one over names and contents of a folder; None when nothing is there."""
        node = self.nodes.get(path)
        if node is None:
            return None
        if node.kind == FILE:
            return node.content.sha256
        state = hashlib.sha256()
        for name, below in self.nodes.items():
            if name.startswith(path + "/"):
                state.update(f"{name[len(path) :]}\0{below.kind} {self._what(below)}\0".encode())
        return state.hexdigest()

    @staticmethod
    def _what(node):
        return node.content.sha256 if node.content else node.target

    def write(self, folder, own):
        """Makes it all in an empty folder; `own` is called with each path."""
        first = {}
        for path, node in self.nodes.items():
            full = os.path.join(folder, path)
            if node.kind == FOLDER:
                os.mkdir(full)
            elif node.kind == SYMLINK:
                os.symlink(node.target, full)
            elif node.same in first:
                os.link(first[node.same], full)
            else:
                first[node.same] = full
                with open(full, "wb") as file:
                    file.write(node.content.data)
            if node.kind != SYMLINK:
                own(full)
                os.chmod(full, node.mode)

    def differences(self, other):
        """In words; empty when both are the same."""
        paths = sorted(self.nodes.keys() | other.nodes.keys())
        return [f"{path}: {self._told(path)} and {other._told(path)}" for path in paths
                if self._told(path) != other._told(path)]

    def _told(self, path):
        node = self.nodes.get(path)
        if node is None:
            return "nothing"
        return f"{node.key()} of {len(node.content.data)} bytes" if node.content else node.key()


def read(folder, ignored=lambda path: False):
    """The tree that is on the disk."""
    nodes = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            full = os.path.join(place, name)
            path = os.path.relpath(full, folder)
            if not ignored(path):
                nodes[path] = _node(full)
    return Tree(nodes)


def _node(path):
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return Node(SYMLINK, target=os.readlink(path))
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return Node(FOLDER, mode)
    with open(path, "rb") as file:
        return Node(FILE, mode, Content.of(file.read()), same=status.st_ino)
