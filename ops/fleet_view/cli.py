"""The options of the commands that look at a fleet and change nothing: coverage, images, explain, preview, report."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ops.moments import read_span
from ops.operate.command import one_line, say_without
from shared.adapters.replies import credentials
from shared.domain.recovery_points import PointState

EndpointOption = Annotated[str | None, typer.Option(help="A running local cloud; without it your account.")]
PlansOption = Annotated[
    Path | None, typer.Option("--plans", help="Plans file: plans.yaml, on a local cloud events/plans.yaml.")
]
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
    from ops.fleet_view.reading import open_reading
    from ops.fleet_view.show_coverage import to_json, to_plain, to_text
    from shared.domain.coverage import cover
    from shared.flows.inventory import BACK, read_inventory

    with one_line() as secrets:
        reading = open_reading(endpoint, plans)
        secrets += credentials(reading.settings)
        now = reading.cloud.clock.now()
        inventory = read_inventory(reading.fleet, reading.rules, now, LONGEST if html else BACK)
        found = cover(inventory, reading.rules, now)
        region, account = reading.settings.region_id, reading.account_id
        if html:
            _write_page(html, to_plain(found, region, account))
        say_without(secrets)(to_json(found, region, account) if as_json else to_text(found))
    raise typer.Exit(1 if found.is_late else 0)


def _write_page(file: Path, covered: dict[str, Any]) -> None:
    from ops.fleet_view.page import render_page

    file.write_text(render_page(covered), "utf-8")


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
    from ops.fleet_view.images import ImageFilter, find_images, to_json, to_text
    from ops.fleet_view.reading import open_reading
    from shared.flows.inventory import read_inventory

    which = ImageFilter(
        frozenset(plan or ()),
        frozenset(machine or ()),
        frozenset(state or ()),
        read_span(older_than) if older_than else ImageFilter.older_than,
    )
    with one_line() as secrets:
        reading = open_reading(endpoint, plans)
        secrets += credentials(reading.settings)
        now = reading.cloud.clock.now()
        found = find_images(read_inventory(reading.fleet, reading.rules, now), which, now)
        say_without(secrets)(to_json(found) if as_json else to_text(found))


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
    from ops.fleet_view.reading import open_reading
    from ops.fleet_view.show_explanation import to_json, to_text

    with one_line() as secrets:
        reading = open_reading(endpoint, plans)
        secrets += credentials(reading.settings)
        told = explain_named(name, reading)
        say_without(secrets)((to_json if as_json else to_text)(told, reading.account_id))


def preview(
    machine: Annotated[list[str] | None, typer.Argument(help="Only these machines: i-...")] = None,
    plan: Annotated[list[str] | None, typer.Option(metavar="PLAN", help="Only of these plans.")] = None,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the next snapshots will lead to, and the CreateImage request for the newest one. Reads only."""
    from ops.fleet_view.preview_command import foresee, to_json, to_text
    from ops.fleet_view.reading import open_reading

    with one_line() as secrets:
        reading = open_reading(endpoint, plans)
        secrets += credentials(reading.settings)
        foreseen = foresee(reading, machine or (), plan or ())
        say_without(secrets)((to_json if as_json else to_text)(foreseen))


def report(endpoint: EndpointOption = None, plans: PlansOption = None, as_json: JsonOption = False) -> None:
    """Make the night's report now, and tell nobody. Reads only. Exit 1: its verdict is not OK."""
    import json

    from ops.fleet_view.reading import open_reading
    from ops.fleet_view.show_report import to_text
    from shared.flows.report_night import make_report

    with one_line() as secrets:
        reading = open_reading(endpoint, plans)
        secrets += credentials(reading.settings)
        told = make_report(reading.rules, reading.night).to_plain() | {"account_id": reading.account_id}
        say_without(secrets)(json.dumps(told, ensure_ascii=False) if as_json else to_text(told))
    raise typer.Exit(0 if told["verdict"] == "OK" else 1)
