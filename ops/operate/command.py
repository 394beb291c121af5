"""The commands by which an operator overrides what the functions do by themselves: forget, make, pause, resume."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from files.errors import CommandError
from shared.adapters.replies import credentials, hide, redact

if TYPE_CHECKING:
    from ops.session import Account, CloudSession

EndpointOption = Annotated[str | None, typer.Option(help="A running local cloud; without it your account.")]
PlansOption = Annotated[
    Path | None, typer.Option("--plans", help="Plans file: plans.yaml, on a local cloud events/plans.yaml.")
]
SinceOption = Annotated[str | None, typer.Option(help="Begun since: 12h, 3d, or a time as 2026-11-20T02:00:00Z.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]


def forget(
    snapshots: Annotated[list[str] | None, typer.Argument(help="Ids: s-...")] = None,
    plan: Annotated[str | None, typer.Option(help="Instead: all snapshots of this plan.")] = None,
    since: SinceOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even where the image is there: then there will be two.")
    ] = False,
    dry_run: DryRunOption = False,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
) -> None:
    """Take what became of snapshots off them, so that they may become images once more. Exit 1: not all of them."""
    from ops.moments import read_moment
    from ops.operate.forget import ForgetSelection, forget_outcomes

    if bool(snapshots) == bool(plan) or bool(plan) != bool(since):
        raise CommandError("name snapshots, or --plan NAME with --since TIME")
    with on_account(endpoint, plans) as (account, say):
        begun = read_moment(since, account.cloud.clock.now()) if since else None
        which = ForgetSelection(tuple(snapshots or ()), plan, begun)
        complete = forget_outcomes(which, account, dry_run, force, say)
    raise typer.Exit(0 if complete else 1)


def make(
    snapshots: Annotated[list[str] | None, typer.Argument(help="Ids: s-...")] = None,
    plan: Annotated[str | None, typer.Option(help="By this plan, whatever it would choose by itself.")] = None,
    since: SinceOption = None,
    dry_run: DryRunOption = False,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
) -> None:
    """Make images that no sweep would make: of these snapshots, or of what was missed. Exit 1: one has no answer."""
    from ops.moments import read_moment
    from ops.operate.make import make_missed, make_named

    if bool(snapshots) == bool(since) or (plan and since):
        raise CommandError("name snapshots (and --plan NAME, if you like), or --since TIME")
    with on_account(endpoint, plans, tells=True) as (account, say):
        if since:
            complete = make_missed(read_moment(since, account.cloud.clock.now()), account, dry_run, say)
        else:
            complete = make_named(snapshots or [], plan, account, dry_run, say)
    raise typer.Exit(0 if complete else 1)


def pause(dry_run: DryRunOption = False, endpoint: EndpointOption = None, plans: PlansOption = None) -> None:
    """Stop the deployed functions. No snapshot is lost: resume answers for all of them."""
    from ops.operate.pause import pause_functions
    from ops.operate.switch import find_functions

    with on_account(endpoint, plans) as (account, say):
        pause_functions(find_functions(account, endpoint), account, dry_run, say)


def resume(
    since: Annotated[str | None, typer.Option(help="Sweep from here on, whenever the pause began.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what waits; start nothing.")] = False,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
) -> None:
    """Start the deployed functions, and answer for every snapshot since the pause. Exit 1: the sweep is to be repeated."""
    from ops.moments import read_moment
    from ops.operate.pause import resume_functions
    from ops.operate.switch import find_functions

    with on_account(endpoint, plans) as (account, say):
        begun = read_moment(since, account.cloud.clock.now()) if since else None
        complete = resume_functions(find_functions(account, endpoint), account, begun, dry_run, say)
    raise typer.Exit(0 if complete else 1)


@contextmanager
def on_account(
    endpoint: str | None, plans: Path | None, tells: bool = False
) -> Iterator[tuple["Account", Callable[[str], None]]]:
    """And what shows a text without its keys."""
    from ops.account import open_account

    with one_line() as secrets:
        account = open_account(endpoint, plans, tells)
        secrets += credentials(account.settings)
        yield account, say_without(secrets)


@contextmanager
def in_session(endpoint: str | None, region: str | None) -> Iterator[tuple["CloudSession", Callable[[str], None]]]:
    """The same of commands that work without plans."""
    from ops.session import open_session

    with one_line() as secrets:
        session = open_session(endpoint, region)
        secrets += credentials(session)
        yield session, say_without(secrets)


@contextmanager
def one_line() -> Iterator[list[str]]:
    """What a service refuses is told in a line, without the secrets that are put into the list."""
    from ops.invoke import InvokeError
    from shared.domain.errors import CloudError

    secrets: list[str] = []
    try:
        yield secrets
    except (CloudError, InvokeError) as refusal:
        raise CommandError(redact(refusal, secrets)) from None


def say_without(secrets: Sequence[str]) -> Callable[[str], None]:
    """What a service answers may quote them: why a function was stopped, why a sweep failed."""
    return lambda text: typer.echo(hide(text, secrets))
