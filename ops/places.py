"""Where the project's own files are, for commands that are run without naming any."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLANS = ROOT / "plans.yaml"
EVENTS = ROOT / "events"
WORLD = EVENTS / "world.yaml"
CACHE = ROOT / ".cache"
"""What commands keep to be faster the next time; `build/` is for what is deployed."""
