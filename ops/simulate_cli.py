"""The options of `snapimage simulate`."""

from typing import Annotated

import typer

from ops.yaml_model import FileError


def simulate(
    night: Annotated[int | None, typer.Option(min=1, help="So many snapshots end within ten minutes.")] = None,
    quota: Annotated[int, typer.Option(min=1, help="ECS calls of each API a minute.")] = 200,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Of create_image; else as in s.yaml.")] = None,
    impatient: Annotated[bool, typer.Option("--impatient", help="Give throttled events back at once.")] = False,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 1,
) -> None:
    """Run the functions on a simulated clock. Exit 0: nothing was lost or made twice; 1: something was; 2: usage."""
    from ops.simulate_command import simulate_night

    if night is None:
        raise FileError("say what to simulate: --night SNAPSHOTS")
    is_fine = simulate_night(night, quota, seed, concurrency, not impatient, typer.echo)
    raise typer.Exit(0 if is_fine else 1)
