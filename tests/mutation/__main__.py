"""`python -m mutation`: plants COUNT changes in shared/, chosen by SEED, and tells which of them no test notices."""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import yaml

from files.places import ROOT
from mutation.changes import Change, changes_of
from mutation.reach import may_reach_others
from mutation.session import try_in_session
from mutation.trial import Fate, fate_of, warm

PARSER = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
PARSER.add_argument("--seed", type=int, default=1, help="another number chooses other changes")
PARSER.add_argument("--count", type=int, default=200)
PARSER.add_argument("--jobs", type=int, default=2)
PARSER.add_argument("--only", type=int, nargs="*", help="these changes alone, by the numbers that a run showed")
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
ENOUGH = 0.95
FORK = multiprocessing.get_context("fork")

Numbered = tuple[int, Change]
Told = tuple[int, Fate]


def draw(seed: int) -> list[Numbered]:
    """All changes in the order of the draw. Their numbers stay while shared/ does."""
    paths = sorted((ROOT / "shared").rglob("*.py"))
    changes = [change for path in paths for change in changes_of(path)]
    random.Random(seed).shuffle(changes)
    return list(enumerate(changes))


def equivalents() -> set[tuple[str, str, str]]:
    return {
        (module, entry["line"], entry["change"])
        for module, entries in yaml.safe_load(EQUIVALENT.read_text()).items()
        for entry in entries
    }


def key(change: Change) -> tuple[str, str, str]:
    return change.module, change.text, change.told


def show(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command


def main() -> int:
    chosen = PARSER.parse_args()
    os.chdir(ROOT)
    known, drawn = equivalents(), draw(chosen.seed)
    for stale in known - {key(change) for _, change in drawn}:
        show(f"equivalent.yaml names what is not there: {stale}")
    counted = [(number, change) for number, change in drawn if key(change) not in known][: chosen.count]
    if chosen.only:
        counted = [drawn[number] for number in chosen.only]
    show(f"{len(counted)} of {len(drawn)} changes, seed {chosen.seed}; {len(known)} are named as equivalent")
    warm()
    started, log = time.monotonic(), ROOT / ".cache/mutants.log"
    log.parent.mkdir(exist_ok=True)
    fates = Counter[Fate]()
    for number, fate in try_all(dict(counted), chosen.jobs, log):
        fates[fate] += 1
        if fates.total() % 20 == 0:
            show(f"  {fates.total()} tried")
        if fate is not Fate.KILLED:
            change = dict(counted)[number]
            show(f"{fate.value} {number}: {change.module}:{change.line}: {change.told}\n    {change.text}")
    if fates.total() < len(counted):
        show(f"the tests fail without any change: {log}")
        return 2
    killed = len(counted) - fates[Fate.SURVIVES]
    share, late = killed / len(counted), fates[Fate.OUT_OF_TIME]
    show(
        f"{killed} of {len(counted)} killed, {late} of them by time, {share:.1%}, in {time.monotonic() - started:.0f} s"
    )
    return 0 if share >= ENOUGH else 1


def try_all(changes: dict[int, Change], jobs: int, log: Path) -> Iterator[Told]:
    """First in one session what is inside functions; then by itself what that leaves to others to notice."""
    left = []
    for number, fate in _told_by_session(changes, jobs, log):
        if fate is None or (fate is Fate.SURVIVES and may_reach_others(changes[number])):
            left.append(number)
        else:
            yield number, fate
    with FORK.Pool(jobs) as pool:
        yield from zip(left, pool.imap(fate_of, [changes[number] for number in left]), strict=True)


def _told_by_session(changes: dict[int, Change], jobs: int, log: Path) -> Iterator[tuple[int, Fate | None]]:
    """In another process: this one must not have imported what is to be changed."""
    reader, writer = FORK.Pipe(duplex=False)
    process = FORK.Process(target=try_in_session, args=(changes, jobs, log, writer))
    process.start()
    writer.close()
    with suppress(EOFError):
        while True:
            yield reader.recv()
    process.join()


if __name__ == "__main__":
    sys.exit(main())
