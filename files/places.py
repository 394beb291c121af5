"""Where the project's own files are, for commands that are run without naming any."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVENTS = ROOT / "events"
PLANS = EVENTS / "plans.yaml"
"""Those of the made-up world: for the demo, replays and tests."""
OWN_PLANS = Path("plans.yaml")
"""The operator's, in the current folder. Git ignores it, so that a pull never meets an edit."""
WORLD = EVENTS / "world.yaml"
CACHE = ROOT / ".cache"
"""What commands keep to be faster the next time; `build/` is for what is deployed."""
