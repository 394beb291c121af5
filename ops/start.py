"""What the script `snapimage` starts: says in one line what is missing where it cannot run."""

import sys
from typing import NoReturn

from files.places import ROOT
from ops.late_models import import_models_late

CHECKOUT = "run from its checkout: in a clone of the repository, `make .venv/.ready` or `pip install -e '.[ops]'`"


def main() -> NoReturn:
    """Installed without its checkout the command has no s.yaml, events or policies to work with."""
    if not (ROOT / "s.yaml").is_file():
        sys.exit(f"snapimage: is {CHECKOUT}")
    import_models_late()
    try:
        from ops.cli import main as run
    except ModuleNotFoundError as error:
        sys.exit(f"snapimage: {error.name} is not installed; the command is {CHECKOUT}")
    run()
