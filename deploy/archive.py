"""Writes a zip whose bytes depend on nothing but the files' names and contents."""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say; bytecode is told not to look at time stamps."""


def write_zip(archive: Path, folder: Path, files: Iterable[Path], begun: Path | None = None) -> None:
    """Behind those of `begun`, an archive whose files are not compressed again."""
    if begun is not None:
        shutil.copy(begun, archive)
    with zipfile.ZipFile(archive, "a" if begun else "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for path in files:
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            packed.writestr(info, path.read_bytes())
