"""python -m simulation.retirement --histories 10000 --seed 0: plays them, and shows what was broken."""

import argparse
import sys

from simulation.retirement.history import play_history


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation.retirement")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="Of the first; the others follow.")
    wanted = parser.parse_args()
    broken = 0
    for seed in range(wanted.seed, wanted.seed + wanted.histories):
        for what in play_history(seed):
            broken += 1
            sys.stdout.write(f"seed {seed}: {what}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{wanted.histories} histories, {broken} broken promises\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
