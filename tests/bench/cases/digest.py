"""The same with a sha256, which is computed afterwards for the tools that do not do it."""

import hashlib

from tests.bench import contest
from tests.bench.origin_files import content, served


def run(options):
    digest = hashlib.sha256()
    for piece in content(0, options.mib << 20):
        digest.update(piece)
    with served(1, options.mib << 20) as urls:
        return contest.run(urls, options.rounds, digest.hexdigest(), without=("loop",))
