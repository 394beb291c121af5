"""The options of `snapimage init`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from files import places
from ops.operate.command import EndpointOption, in_session


def init(
    instances: Annotated[
        list[str] | None, typer.Option("--instance", help="A machine, i-...; may be repeated.")
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--instance-tag", help="Machines tagged so, key=value; may be repeated.")
    ] = None,
    data_disks: Annotated[
        Literal["attached", "none"], typer.Option(help="Which data disks go into an image: attached or none.")
    ] = "attached",
    name: Annotated[str, typer.Option(help="Of the plan; else after the tag or the machine.")] = "",
    region: Annotated[str | None, typer.Option(help="Or SNAPIMAGE_REGION.")] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = places.OWN_PLANS,
    as_json: Annotated[bool, typer.Option("--json", help="Show the machines as JSON, and write no file.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite it.")] = False,
    endpoint: EndpointOption = None,
) -> None:
    """Show the machines, tags and snapshot policies of a region, and write a first plans.yaml. Changes nothing there.

    What no option says is asked, if a person is there to answer.
    """
    from ops.init.choice import Choice, read_machines
    from ops.init.write import FirstPlan, begin_plans, can_ask, list_machines

    choice = read_machines([*(instances or ()), *(tags or ())], Choice(data_disks=data_disks, name=name))
    with in_session(endpoint, region) as (session, say):
        if as_json:
            list_machines(session, say)
        else:
            begin_plans(session, FirstPlan(choice, out, force), _ask if can_ask() else None, say)


def _ask(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default, show_default=bool(default)))
