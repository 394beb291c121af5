"""`python -m fuzz`: as many events as there is time for; a payload that crashes the flow is left in a file."""

import argparse
import sys
import time
from pathlib import Path

from fuzz.campaign import Crash, run

PARSER = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
PARSER.add_argument("--events", type=int, default=1_000_000)
PARSER.add_argument("--seed", type=int, default=0, help="another number is another run")
PARSER.add_argument("--crash", type=Path, default=Path("crash.bin"), help="where a crashing payload is left")
PARSER.add_argument("--replay", type=Path, help="run one such payload again, and nothing else")


def main() -> int:
    chosen = PARSER.parse_args()
    started = time.monotonic()
    try:
        if chosen.replay:
            run(0, 0, [chosen.replay.read_bytes()])
            print("no crash")  # noqa: T201 - a command
            return 0
        report = run(chosen.events, chosen.seed)
    except Crash as crash:
        chosen.crash.write_bytes(crash.payload)
        print(f"{crash}\nleft in {chosen.crash}")  # noqa: T201
        return 1
    seconds = time.monotonic() - started
    print(f"{report.events} events in {seconds:.0f} s, 0 crashes, answers {report.answers}")  # noqa: T201
    print(f"corpus {report.seeds} -> {len(report.corpus)}, reached {report.reached_by_seeds} -> {report.reached}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
