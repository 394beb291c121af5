"""Asks who names images and snapshots. What cannot be asked is named, and keeps every image."""

from collections.abc import Callable, Iterable

from shared.domain.errors import CloudError
from shared.domain.retirement_facts import Naming, Users, users_of
from shared.retirement_ports import Retirement


class ImageUsers:
    """Reads them as often as it is asked to. A version of a launch template never changes, so each is read once."""

    def __init__(self, estate: Retirement) -> None:
        self._estate = estate
        self._templates: dict[str, tuple[str, list[Naming]]] = {}

    def read(self) -> Users:
        found: list[Naming] = []
        unread: list[str] = []
        readers: tuple[tuple[str, Callable[[], Iterable[Naming]]], ...] = (
            ("launch templates", self._read_templates),
            ("scaling configurations", self._estate.scaling_configurations),
            ("image pipelines", self._estate.image_pipelines),
        )
        for what, read in readers:
            try:
                found += read()
            except CloudError as trouble:
                unread.append(f"{what} ({trouble.code})")
        return users_of(found, unread)

    def _read_templates(self) -> list[Naming]:
        known: dict[str, tuple[str, list[Naming]]] = {}
        for template in self._estate.launch_templates():
            edition, namings = self._templates.get(template.id, ("", []))
            if edition != template.edition:
                namings = self._estate.versions(template.id)
            known[template.id] = (template.edition, namings)
        self._templates = known
        return [naming for _, namings in known.values() for naming in namings]
