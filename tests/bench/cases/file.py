"""One large file, delivered and durable: concctl against a loop of reads and writes, and against other tools."""

from tests.bench import contest
from tests.bench.origin_files import served


def run(options):
    with served(1, options.mib << 20) as urls:
        return contest.run(urls, options.rounds)
