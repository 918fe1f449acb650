"""``python -m tests.answers [STORE…] [--record | --show ADDRESS]``: compare with what was recorded, record, print one."""

from __future__ import annotations

import argparse
import logging
import sys

import structlog

from tests import real_tables
from tests.answers.recorded import now_and_then, opened, record
from tests.answers.stores import STORES


def main() -> int:
    """1 where an answer differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.answers", description=__doc__)
    parser.add_argument("stores", nargs="*", metavar="STORE", help=f"of {', '.join(STORES)}; default: all there are")
    parser.add_argument("--record", action="store_true", help="write the files anew")
    parser.add_argument("--show", metavar="ADDRESS", default="", help="print the answer, as a difference names it")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    stores = given.stores or [store for store in STORES if store != "trials" or real_tables.given()]
    if given.show:
        with opened(stores[0]) as asked:
            sys.stdout.buffer.write(asked.answer(given.show))
        return 0
    if given.record:
        for store in stores:
            print(f"{store}: {record(store)} answers recorded")
        return 0
    found = [line for store in stores for line in now_and_then(store)]
    print("\n".join(found) or "every answer is the recorded one")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
