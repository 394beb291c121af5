"""The options of `snapimage simulate`."""

from typing import Annotated

import typer

from files.errors import CommandError


def simulate(
    histories: Annotated[int | None, typer.Option(min=1, help="So many random histories, full of faults.")] = None,
    night: Annotated[int | None, typer.Option(min=1, help="So many snapshots end within ten minutes.")] = None,
    quota: Annotated[int, typer.Option(min=1, help="ECS calls of each API a minute.")] = 200,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Of create_image; else as in s.yaml.")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Leave out the same night under other minutes.")] = False,
    seed: Annotated[int, typer.Option(help="Of the random numbers; histories take it and those after it.")] = 1,
) -> None:
    """Run the functions on a simulated clock. Exit 0: every promise held; 1: one did not; 2: usage."""
    from ops.simulate.histories import simulate_histories
    from ops.simulate.nights import simulate_night

    if (night is None) is (histories is None):
        raise CommandError("say what to simulate: --histories NUMBER or --night SNAPSHOTS")
    if histories is not None:
        raise typer.Exit(0 if simulate_histories(seed, histories, typer.echo) else 1)
    assert night is not None
    is_fine = simulate_night(night, quota, seed, concurrency, typer.echo, alone)
    raise typer.Exit(0 if is_fine else 1)
