"""The command line of a subject."""

import argparse
import random


class Failure(AssertionError):
    """A promise was broken."""


def parse(description, words, rounds, minutes=None, more=lambda parser: None):
    """Options `rounds`, `seed` (random unless given), `random` (made from it) and, where it has a default, `minutes`;
    `more` may add to the parser."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help="default: %(default)s")
    parser.add_argument("--seed", type=int, help="repeats the choices of the run that printed it")
    parser.add_argument("--minutes", type=float, default=minutes,
                        help=argparse.SUPPRESS if minutes is None else "how long")
    more(parser)
    options = parser.parse_args(words)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    options.random = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    return options
