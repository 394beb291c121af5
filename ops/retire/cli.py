"""The commands about old images: retire shows what will become of them and brings them back, keep pins them."""

from typing import Annotated

import typer

from files.errors import CommandError
from ops.operate.command import EndpointOption, PlansOption, on_account


def retire(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what the next run of retire_images would do.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    undo: Annotated[
        list[str] | None, typer.Option("--undo", metavar="M-...", help="Make a deprecated image available.")
    ] = None,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
) -> None:
    """Show which images are kept, by which rule, and which go when; or bring one back. Exit 1: not all are back."""
    from ops.retire.pins import undo_retirement
    from ops.retire.table import preview_retirement

    if dry_run == bool(undo) or (as_json and undo):
        raise CommandError(
            "say --dry-run (and --json, if you like), or --undo m-...; the function retire_images does the rest"
        )
    with on_account(endpoint, plans) as (account, say):
        if undo:
            raise typer.Exit(0 if undo_retirement(undo, account, say) else 1)
        preview_retirement(account, as_json, say)


def keep(
    images: Annotated[list[str], typer.Argument(help="Ids: m-...")],
    off: Annotated[bool, typer.Option("--off", help="Leave them to the rules of their plan again.")] = False,
    endpoint: EndpointOption = None,
    plans: PlansOption = None,
) -> None:
    """Keep images whatever the rules say; deprecated ones are available again. Exit 1: not all of them."""
    from ops.retire.pins import keep_images, release_images

    with on_account(endpoint, plans) as (account, say):
        complete = (release_images if off else keep_images)(images, account, say)
    raise typer.Exit(0 if complete else 1)
