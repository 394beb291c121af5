"""Takes the picture of the page of a fleet that stands in the docs: a made-up fleet, in a headless Chromium."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from files.errors import CommandError
from files.places import ROOT
from ops.docs.made_up_fleet import make_fleet
from ops.fleet_view.page import render_page

PICTURE = ROOT / "docs" / "coverage.png"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking")


def find_chromium() -> str | None:
    return next((found for name in CHROMIUMS if (found := shutil.which(name))), None)


def take_picture(picture: Path = PICTURE) -> None:
    chromium = find_chromium()
    if chromium is None:
        raise CommandError(f"no Chromium on this machine: looked for {', '.join(CHROMIUMS)}")
    with TemporaryDirectory() as folder:
        page = Path(folder) / "coverage.html"
        page.write_text(render_page(make_fleet(60, seed=390)), "utf-8")
        options = [*QUIET, f"--user-data-dir={folder}/profile", f"--screenshot={picture}", "--window-size=1280,760"]
        subprocess.run([chromium, *options, page.as_uri()], check=True, capture_output=True, timeout=60)  # noqa: S603 - ours
