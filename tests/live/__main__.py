"""`make live`: runs the adapters' contract and asks the open questions, on a real account and in its own things only."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from files.errors import CommandError
from files.places import ROOT
from live.account import PREFIX, SNAPSHOT, LiveAccount, open_live_account
from live.clean import clean
from live.judge import judge
from live.observe import observe
from live.own import TAG
from live.questions import read_questions
from live.report import print_table, rows
from ops.late_models import import_models_late
from shared.adapters.mns_queue import QueueError
from shared.domain.errors import CloudError
from shared.domain.facts import Snapshot

CONTRACT = ROOT / "tests" / "contract" / "test_any_account.py"
PARSER = argparse.ArgumentParser(prog="python -m live", description=__doc__)
PARSER.add_argument("--json", type=Path, help="where the answers are written as well")
PARSER.add_argument("--clean", action="store_true", help="remove what broken runs have left, and nothing else")
PARSER.add_argument("--questions", action="store_true", help="ask the questions only; the contract is not held up")
PLAN = """\
Run {run} in {region}, with {snapshot} ({size} GiB), which is only read.
Makes and removes:
  some ten custom images of this snapshot, called {prefix}-{run}-..., tagged {tag}={run} or {tag}={run}c
  two queues, {prefix}-{run} and {prefix}-{run}c, with a message or two
Starts no instance, makes no disk and no snapshot, changes nothing that it has not made, reads snapshots, disks and images.
Costs: images are not charged, the snapshot behind them is yours already (stored by GiB and month, while an image
  holds it, too). Queue messages are charged by the request, far below a cent. It takes 10 to 40 minutes.
What a broken run leaves: make live-clean
"""


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command


def main(arguments: list[str] | None = None) -> int:
    chosen = PARSER.parse_args(arguments)
    run = os.environ.get("RUN") or uuid4().hex[:8]
    try:
        account = open_live_account(os.environ, run, () if chosen.clean else (SNAPSHOT,))
        if chosen.clean:
            return clean(account, os.environ.get("RUN"), is_confirmed(), say)
        return ask(account, account.source(), chosen.json, chosen.questions)
    except (CommandError, CloudError, QueueError) as error:
        sys.stderr.write(f"make live: {error}\n")
        return 2


def is_confirmed() -> bool:
    return os.environ.get("CONFIRM") == "yes"


def ask(account: LiveAccount, source: Snapshot, file: Path | None, only_questions: bool) -> int:
    known = {"run": account.run, "region": account.settings.region_id, "prefix": PREFIX, "tag": TAG}
    say(PLAN.format(snapshot=source.id, size=source.size_gib, **known))
    if not is_confirmed():
        raise CommandError("nothing was made; to begin, say so: CONFIRM=yes")
    seen = observe(account, source, say)
    contract = "not asked" if only_questions else hold_to_contract(account.run)
    found = rows(read_questions(), judge(seen))
    print_table(found)
    result = {"run": account.run, "contract": contract, "left": seen.left, "questions": found}
    if file:
        file.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    differ = [row["id"] for row in found if row["agrees"] is False]
    say(f"contract {contract}; differs from what the code assumes: {', '.join(differ) or 'nothing'}")
    say(f"left behind: {'; '.join(seen.left) or 'nothing'}")
    return 1 if contract == "broken" or differ or seen.left else 0


def hold_to_contract(run: str) -> str:
    """By the tests of the adapters, which clean up behind themselves."""
    say("holding the account to the adapters' contract")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "timeout=3600", str(CONTRACT)]
    ended = subprocess.run(command, env={**os.environ, "LIVE": f"{run}c"}, cwd=ROOT, check=False)
    return "broken" if ended.returncode else "held"


if __name__ == "__main__":
    import_models_late()
    sys.exit(main())
