"""One file from a server that gives 20 MB/s to each connection, over 16 of them at most."""

from tests.bench import contest
from tests.bench.origin_files import served


def run(options):
    with served(1, (options.mib << 20) // 4, "limit_rate 20m;") as urls:
        return contest.run(urls, options.rounds, without=("loop", "curl", "wget2"), connections=16)
