"""One byte, many times in a row: from the start of `concctl download` to its end, against curl's."""

from tests.bench import contest
from tests.bench.origin_files import served


def run(options):
    with served(1, 1) as urls:
        return contest.run(urls, options.times, without=("loop", "aria2", "wget2", "axel"))
