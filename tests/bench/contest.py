"""A case in which all fetch the same, one after the other in each round, delivered and durable."""

import pathlib
import random
import tempfile

from tests.bench import peers
from tests.bench.stage import Stage, median_of


def run(urls, rounds, digest=None, without=(), connections=None):
    """Medians of seconds and of the processor's, and what concd takes of each other one's. `connections`: so many at
    most where a tool lets itself be told."""
    transfer = {"connections": connections} if connections else None
    with Stage() as stage, stage.daemon(transfer=transfer) as daemon:
        ways = {"loop": peers.loop, **peers.installed(),
                "concd": lambda *arguments: peers.concd(daemon, *arguments)}
        if connections:
            ways["aria2"] = lambda *arguments: peers.aria2(*arguments, connections=connections)
        fetch = {name: way for name, way in ways.items() if name not in without}
        figures = median_of([_round(daemon, shuffled(fetch, turn), urls, digest) for turn in range(rounds)])
    for name in fetch.keys() - {"concd"}:
        figures[f"concd_times_{name}"] = figures["concd_seconds"] / figures[f"{name}_seconds"]
    return figures


def shuffled(fetch, turn):
    """In another order each time, which is the same in each run: who comes after a certain other one may find memory or
    disk slower."""
    names = random.Random(turn).sample(list(fetch), len(fetch))
    return {name: fetch[name] for name in names}


def _round(daemon, fetch, urls, digest):
    figures = {}
    for name, way in fetch.items():
        with tempfile.TemporaryDirectory(prefix="concd-bench-") as folder:
            daemon.account.own(pathlib.Path(folder))
            spent = way(urls, folder, digest)
        figures |= {f"{name}_seconds": spent.seconds, f"{name}_cpu": spent.cpu}
    return figures
