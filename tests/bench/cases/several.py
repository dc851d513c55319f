"""Sixteen files of 128 MiB at once, delivered and durable."""

from tests.bench import contest
from tests.bench.origin_files import served


def run(options):
    with served(16, (options.mib << 20) // 16) as urls:
        return contest.run(urls, options.rounds, without=("loop", "axel"))
