"""The options of `snapimage watch`."""

import signal
from typing import Annotated, NoReturn

import typer

from files.errors import CommandError
from shared.domain.message_fields import State


class Stopped(BaseException):
    """SIGTERM. Not an Exception: the MNS SDK would take that for trouble with the network."""


def watch(
    endpoint: Annotated[str | None, typer.Option(help="MNS endpoint; or SNAPIMAGE_MNS_ENDPOINT.")] = None,
    queue: Annotated[str | None, typer.Option(help="Queue; or SNAPIMAGE_STATUS_QUEUE; or snapimage-status.")] = None,
    take: Annotated[bool, typer.Option("--take", help="Take off the queue what is shown; others miss it.")] = False,
    drain: Annotated[bool, typer.Option("--drain", help="The same, and stop when the queue is empty.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Stop after one look.")] = False,
    states: Annotated[list[State] | None, typer.Option("--state", metavar="STATE", help="Only these states.")] = None,
    plans: Annotated[list[str] | None, typer.Option("--plan", metavar="PLAN", help="Only these plans.")] = None,
    instances: Annotated[
        list[str] | None, typer.Option("--instance", metavar="ID", help="Only these instances.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on a terminal, too.")] = False,
    most: Annotated[int | None, typer.Option("--max", min=1, help="Stop after so many facts.")] = None,
    wait: Annotated[int, typer.Option(min=0, max=30, help="Seconds of one long poll, or between two looks.")] = 5,
) -> None:
    """Show what is on the status queue, each fact once, and take nothing. Stops on Ctrl-C and SIGTERM.

    With --take and --drain it is deleted after it is shown; what a filter hides is left for others.
    """
    from ops.queues.access import find_access
    from ops.watch.follow import Filter, Mode, WatchOptions
    from ops.watch.follow import watch as follow
    from ops.watch.view import choose_view

    if once and drain:
        raise CommandError("--once looks once, --drain until the queue is empty: give one of them")
    signal.signal(signal.SIGTERM, _stop)
    mode = Mode.DRAIN if drain else Mode.TAKE if take else Mode.SHOW
    wanted = Filter(
        frozenset(state.value for state in states or ()), frozenset(plans or ()), frozenset(instances or ())
    )
    options = WatchOptions(mode, wait, most, once, wanted)
    try:
        follow(find_access(endpoint, queue), options, choose_view(as_json), lambda text: typer.echo(text, err=True))
    except (KeyboardInterrupt, Stopped):
        raise typer.Exit(0) from None


def _stop(*_: object) -> NoReturn:
    raise Stopped
