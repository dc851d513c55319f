"""Files of random bytes that a real nginx serves."""

import contextlib
import random

from tests.support.nginx import Nginx

_PIECE = 1 << 20


def content(number, size):
    """The bytes of a file, in pieces."""
    piece = random.Random(number).randbytes(min(size, _PIECE))
    for begin in range(0, size, _PIECE):
        yield piece[: min(_PIECE, size - begin)]


def write(path, number, size):
    with open(path, "wb") as file:
        for piece in content(number, size):
            file.write(piece)


@contextlib.contextmanager
def served(count, size, more=""):
    """The URLs of so many files, each of `size` bytes; `more` of the server's configuration."""
    with Nginx(more) as nginx:
        for number in range(count):
            write(nginx.root / f"file-{number}", number, size)
        yield [nginx.url(f"file-{number}") for number in range(count)]
