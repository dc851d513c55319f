"""Kills the daemon, its worker, or both at every named point of the durable path, and starts again.

First each scenario runs undisturbed, which tells the points that it gets to; a point of the sources that none gets to
is an error. Then each point kills, by whom and as often as --rounds says: once a round, at the first arrival and then
at others, in scenarios that chance chooses; the points around a commit, where most meets, do so more often. Some 50
rounds are all there is.
"""

import collections
import concurrent.futures
import itertools
import pathlib
import re
import sys
import time
import traceback

from tests.chaos.harness import scenarios
from tests.chaos.harness.options import Failure, parse
from tests.chaos.harness.scenario import NotReached
from tests.support.origin_process import OriginProcess

DAEMON = pathlib.Path(__file__).resolve().parents[3] / "daemon"
AT_ONCE = 3
TURNS = 12  # of the arrivals at a point, the first so many may kill
COMMITS = 6  # deaths at the points of the store, where others have one


def points_of_the_sources():
    return {point for file in DAEMON.rglob("*.cpp")
            for point in re.findall(r'crash_point\("([^"]+)"\)', file.read_text())}


class Runner:
    """Runs scenarios, a few at a time, each in a state folder of its own."""

    def __init__(self, origin):
        self._origin = origin
        self._numbers = itertools.count()
        self.failures = []

    def run(self, cases):
        """Of each (scenario, point): the arrivals in that run; None when it failed or the point was not reached."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._run, cases))

    def _run(self, case):
        scenario, point = case
        try:
            return scenarios.ALL[scenario](self._origin, next(self._numbers)).run(point)
        except NotReached:
            return None
        except Exception:
            self.failures.append(f"{scenario} {point}")
            print(f"{scenario} {point}: {traceback.format_exc()}", file=sys.stderr, flush=True)
            return None


def ways_to_die(census, random):
    """For each (role, point) the (turn, scenario) that lead there: a first turn, then the others as chance has it."""
    found = collections.defaultdict(set)
    for scenario, arrivals in census.items():
        for (role, _, point), count in collections.Counter(arrivals).items():
            for who in ("daemon",) if role == "daemon" else ("worker", "both"):
                found[who, point].update((turn, scenario) for turn in range(1, min(count, TURNS) + 1))
    ways = {}
    for place, choices in sorted(found.items()):
        shuffled = sorted(choices)
        random.shuffle(shuffled)
        first = next(way for way in shuffled if way[0] == 1)
        ways[place] = [first] + [way for way in shuffled if way != first]
    return ways


def wanted(place, rounds):
    return rounds * (COMMITS if place[1].startswith("store.") else 1)


def die_everywhere(runner, ways, rounds, random):
    """Each place so many times, or as often as there are ways. Returns the number of deaths and the places without."""
    deaths = collections.Counter({place: 0 for place in ways})
    left = {place: list(choices) for place, choices in ways.items()}
    for _ in range(max(map(len, left.values()))):
        # What depends on chance (commits that are joined, for example) is not reached each time: then the next way.
        cases = [(place, left[place].pop(0)) for place in ways if left[place] and deaths[place] < wanted(place, rounds)]
        if not cases:
            break
        random.shuffle(cases)
        arrivals = runner.run([(scenario, f"{who}/{point}:{turn}") for (who, point), (turn, scenario) in cases])
        deaths.update(place for (place, _), reached in zip(cases, arrivals) if reached is not None)
    return sum(deaths.values()), sorted(place for place, count in deaths.items() if count == 0)


def attack(options, runner):
    names = sorted(scenarios.ALL)
    census = dict(zip(names, runner.run([(name, "") for name in names])))
    if runner.failures:
        return
    reached = {point for arrivals in census.values() for _, _, point in arrivals}
    missed = points_of_the_sources() ^ reached
    if missed:
        raise Failure(f"no scenario gets to {sorted(missed)}")
    ways = ways_to_die(census, options.random)
    deaths, without = die_everywhere(runner, ways, options.rounds, options.random)
    if without and not runner.failures:
        raise Failure(f"nobody died at {without}")
    print(f"{len(reached)} points, {len(names)} scenarios, {deaths} deaths", end="")


def main(words=None):
    options = parse(__doc__, words, rounds=1, more=lambda parser: parser.add_argument(
        "--case", nargs=2, metavar=("SCENARIO", "POINT"), help="one death only, as a failure names it"))
    start = time.monotonic()
    with OriginProcess() as origin:
        runner = Runner(origin)
        if options.case:
            print("died" if runner.run([options.case])[0] else "not reached, or failed", end="")
        else:
            attack(options, runner)
    print(f", {len(runner.failures)} failures, {time.monotonic() - start:.0f} s")
    for failure in runner.failures:
        print(f"  repeat with: --case {failure}")
    return 1 if runner.failures else 0


if __name__ == "__main__":
    sys.exit(main())
