"""What the hostile origin serves: bytes that follow from (seed, version), so that digests can be computed."""

import functools
import hashlib

BLOCK = 64 * 1024


@functools.lru_cache(maxsize=4096)
def _block(seed, version, index):
    return hashlib.shake_128(f"{seed}/{version}/{index}".encode()).digest(BLOCK)


def pieces(seed, version, start, end):
    """The bytes [start, end) of the endless file of that seed and version, in pieces of at most 64 KiB."""
    while start < end:
        index, offset = divmod(start, BLOCK)
        piece = _block(seed, version, index)[offset : offset + end - start]
        yield piece
        start += len(piece)


def content(size, seed="0", version=0):
    return b"".join(pieces(str(seed), version, 0, size))


def digest(size, seed="0", version=0, algorithm="sha256"):
    """The hexadecimal digest of the first `size` bytes."""
    state = hashlib.new(algorithm)
    for piece in pieces(str(seed), version, 0, size):
        state.update(piece)
    return state.hexdigest()
