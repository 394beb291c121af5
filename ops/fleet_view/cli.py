"""The options of the commands that look at a fleet and change nothing: coverage, images, explain, preview, report."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.fleet_view.words import to_json
from ops.moments import read_span
from ops.operate.command import EndpointOption, PlansOption, one_line, say_without
from shared.adapters.replies import credentials
from shared.domain.recovery_points import PointState

if TYPE_CHECKING:
    from ops.fleet_view.reading import FleetReading

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def coverage(
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
    as_json: JsonOption = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also as one page: machines by 30 nights.")
    ] = None,
) -> None:
    """Show for every machine the newest good image, its age, and why there is none. Reads only.

    Exit 1: a machine is staler than its plan's rpo.
    """
    from ops.fleet_view.page_nights import LONGEST
    from ops.fleet_view.show_coverage import to_plain, to_text
    from shared.domain.coverage import cover
    from shared.flows.inventory import BACK, read_inventory

    with on_fleet(endpoint, plans) as (reading, say):
        now = reading.cloud.clock.now()
        inventory = read_inventory(reading.fleet, reading.rules, now, LONGEST if html else BACK)
        found = cover(inventory, reading.rules, now)
        plain = to_plain(found, reading.settings.region_id, reading.account_id)
        if html:
            from ops.fleet_view.page import render_page

            html.write_text(render_page(plain), "utf-8")
        say(to_json(plain) if as_json else to_text(found))
    raise typer.Exit(1 if found.is_late else 0)


def images(
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
    plan: Annotated[list[str] | None, typer.Option(metavar="PLAN", help="Only of these plans.")] = None,
    machine: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only of these machines or system disks.")
    ] = None,
    state: Annotated[
        list[PointState] | None, typer.Option(metavar="STATE", help="available, partial, waiting or failing.")
    ] = None,
    older_than: Annotated[str | None, typer.Option(help="Only older than this: 12h, 3d.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the images that SnapImage made, newest first. Reads only."""
    from ops.fleet_view.images import ImageFilter, find_images, to_plain, to_text
    from shared.flows.inventory import read_inventory

    which = ImageFilter(
        frozenset(plan or ()),
        frozenset(machine or ()),
        frozenset(state or ()),
        read_span(older_than) if older_than else ImageFilter.older_than,
    )
    with on_fleet(endpoint, plans) as (reading, say):
        now = reading.cloud.clock.now()
        found = find_images(read_inventory(reading.fleet, reading.rules, now), which, now)
        say(to_json({"images": [to_plain(each) for each in found]}) if as_json else to_text(found))


def explain(
    name: Annotated[
        str, typer.Argument(help="A snapshot (s-...), a machine (i-...), a disk (d-...) or an image (m-...).")
    ],
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the functions would decide, by which facts and which rule. Reads only."""
    from ops.fleet_view.explain_named import explain_named
    from ops.fleet_view.show_explanation import to_plain, to_text

    with on_fleet(endpoint, plans) as (reading, say):
        told = explain_named(name, reading)
        account_id = reading.account_id
        say(to_json(to_plain(told, account_id)) if as_json else to_text(told, account_id))


def preview(
    machine: Annotated[list[str] | None, typer.Argument(help="Only these machines: i-...")] = None,
    plan: Annotated[list[str] | None, typer.Option(metavar="PLAN", help="Only of these plans.")] = None,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the next snapshots will lead to, and the CreateImage request for the newest one. Reads only."""
    from ops.fleet_view.preview_command import foresee, to_plain, to_text

    with on_fleet(endpoint, plans) as (reading, say):
        foreseen = foresee(reading, machine or (), plan or ())
        say(to_json(to_plain(foreseen)) if as_json else to_text(foreseen))


def report(endpoint: EndpointOption = None, plans: PlansOption = None, as_json: JsonOption = False) -> None:
    """Make the night's report now, and tell nobody. Reads only. Exit 1: its verdict is not OK."""
    from ops.fleet_view.show_report import to_text
    from shared.flows.report_night import make_report

    with on_fleet(endpoint, plans) as (reading, say):
        told = make_report(reading.rules, reading.night).to_plain() | {"account_id": reading.account_id}
        say(to_json(told) if as_json else to_text(told))
    raise typer.Exit(0 if told["verdict"] == "OK" else 1)


@contextmanager
def on_fleet(endpoint: str | None, plans: Path | None) -> Iterator[tuple["FleetReading", Callable[[str], None]]]:
    """And what shows a text without its keys."""
    from ops.fleet_view.reading import open_reading

    with one_line() as secrets:
        reading = open_reading(endpoint, plans)
        secrets += credentials(reading.settings)
        yield reading, say_without(secrets)
