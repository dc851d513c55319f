"""Many small files, delivered and durable: `concctl download` of all, against `curl -Z` and aria2 with a sync."""

from tests.bench import contest
from tests.bench.origin_files import served

_SIZE = 16 << 10


def run(options):
    with served(options.files, _SIZE) as urls:
        return contest.run(urls, options.rounds, without=("loop", "wget2", "axel"))
