"""Runs tools over cases and makes a table of how they ended."""

import concurrent.futures

from tests.chaos.peers import cases as expected
from tests.chaos.peers.tools import ENDLESS, FAILED, HALF, RIGHT, UNSURE, WRONG

AT_ONCE = 16  # cases; they wait most of the time
ALLOWED = {expected.RIGHT: RIGHT, expected.FAILS: FAILED}
MARKS = {RIGHT: "right", FAILED: "fails", UNSURE: "fails, whole", HALF: "half file", WRONG: "**WRONG**",
         ENDLESS: "*no end*"}


def run(cases, tools, servers):
    """The verdict and the note of each (case, tool)."""
    # The longest ones first, so that the end is not waiting for one of them alone.
    order = sorted(cases, key=lambda case: not case.stop)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {(case.group, case.title, tool.name): pool.submit(tool.run, case, servers)
                   for case in order for tool in tools}
        return {key: future.result() for key, future in futures.items()}


def _head(first, tools):
    return [f"| {first} | " + " | ".join(tool.version() for tool in tools) + " |", "| --- |" + " --- |" * len(tools)]


def _verdict(results, case, tool):
    return results[case.group, case.title, tool.name][0]


def summary(cases, tools, results):
    """How many cases ended how, in Markdown."""
    lines = _head(f"{len(cases)} cases", tools)
    for kind, mark in MARKS.items():
        counts = [sum(_verdict(results, case, tool) == kind for case in cases) for tool in tools]
        lines.append(f"| {mark} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines) + "\n"


def table(cases, tools, results):
    """How each case ended, in Markdown."""
    lines = _head("the origin", tools)
    group = None
    for case in cases:
        if case.group != group:
            group = case.group
            lines.append(f"| **{group}** |" + " |" * len(tools))
        marks = [MARKS[_verdict(results, case, tool)] for tool in tools]
        lines.append(f"| {case.title} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def unexpected(cases, results):
    """What concd ended otherwise than it should."""
    found = []
    for case in cases:
        result, note = results.get((case.group, case.title, "concd"), (None, ""))
        if result is not None and result != ALLOWED[case.expect]:
            found.append(f"concd, {case.group}: {case.title}: {result} instead of {case.expect}: {note}")
    return found
