"""What may be on the disk after a power loss: some of all that a disk and a file system are free to do."""

import random

from tests.chaos.harness.replay.disk import Kind, all_entries, put
from tests.chaos.harness.replay.tree import Content

SECTOR = 512  # bytes that a disk writes whole or not at all
MIXES = 2


def crash_states(disk, seed):
    """(name, tree) of each; the same ones for the same seed. Many are equal."""
    durable = all_entries(naming for naming in disk.namings if naming.durable)
    everything = all_entries(disk.namings)
    def now(inode):
        return inode.now(), inode.mode
    def on_disk(inode):
        return inode.on_disk(), inode.settled_mode
    yield "killed", disk.tree(everything, now)
    yield "strict", disk.tree(durable, on_disk)
    yield "names", disk.tree(everything, on_disk)
    yield "data", disk.tree(durable, now)
    yield "zeros", disk.tree(everything, _zeroed)
    for index in range(MIXES):
        yield f"mix-{index}", mix(disk, random.Random(f"{seed}/{disk.serial}/{index}"))


def crash_state(disk, seed, name):
    return next(tree for each, tree in crash_states(disk, seed) if each == name)


def _zeroed(inode):
    """The sizes are on the disk; the bytes were not yet, where there were none before."""
    if not inode.pending:
        return inode.on_disk(), inode.settled_mode
    data = bytearray(inode.settled)
    for change in inode.pending:
        if change.kind == Kind.WRITE:
            _extend(data, change)
        else:
            change.apply(data)
    return Content.of(data), inode.mode


def _extend(data, change):
    end = change.offset + len(change.data)
    data.extend(bytes(max(0, end - len(data))))


def mix(disk, chance):
    """Each change that nobody synced happened, or not, or in part."""
    likely = chance.choice((0.2, 0.5, 0.8))
    entries = []
    for naming in disk.namings:
        if naming.durable or chance.random() < likely:
            keeps_old = not naming.atomic and chance.random() < 0.25
            entries += naming.entries[1:] if keeps_old else naming.entries
    made = {}
    def content(inode):
        if inode.number not in made:
            made[inode.number] = _mixed(inode, chance, likely)
        return made[inode.number]
    return disk.tree(entries, content)


def _mixed(inode, chance, likely):
    if not inode.pending:
        return inode.on_disk(), inode.settled_mode
    data, mode = bytearray(inode.settled), inode.settled_mode
    for change in inode.pending:
        if change.lost or chance.random() >= likely:
            continue
        if change.kind == Kind.MODE:
            mode = change.mode
        elif change.kind == Kind.WRITE:
            _put_some(data, change, chance)
        else:
            change.apply(data)
    return Content.of(data), mode


def _put_some(data, change, chance):
    size = len(change.data)
    how = chance.random()
    if how < 0.6 or size <= SECTOR:
        put(data, change.offset, change.data)
    elif how < 0.8:
        put(data, change.offset, change.data[: SECTOR * chance.randrange(1, size // SECTOR + 1)])
    else:
        _extend(data, change)
