"""Every misbehaviour of an origin that tests/chaos/peers knows, with concd alone: right files or clear failures."""

import sys

from tests.chaos.harness import options
from tests.chaos.peers import table
from tests.chaos.peers.cases import Servers, all_cases
from tests.chaos.peers.tools import Concd


def main(words=None):
    options.parse(__doc__, words, rounds=1)
    with Servers() as servers:
        concd = Concd(servers.ca)
        try:
            results = table.run(all_cases(), [concd], servers)
        finally:
            concd.close()
    wrong = table.unexpected(all_cases(), results)
    print("\n".join(wrong) or f"{len(results)} cases ended as they should")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
