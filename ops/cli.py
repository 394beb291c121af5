"""The `snapimage` command: what people run."""

import logging
import signal
import sys
import threading
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bench.command import bench
from files import places
from files.errors import CommandError
from ops.doctor.command import doctor
from ops.fleet_view.cli import coverage, explain, images, preview, report
from ops.init.command import init
from ops.manners import DEPLOY, MEASURE, OPERATE, TRY, OrderedCommands, describe, end, prepare_streams
from ops.operate.command import forget, make, pause, resume
from ops.retire.cli import keep, retire
from ops.simulate.command import simulate
from ops.watch.command import watch

app = typer.Typer(cls=OrderedCommands, no_args_is_help=True, pretty_exceptions_enable=False)
app.command(rich_help_panel=DEPLOY)(init)
plans_app = typer.Typer(no_args_is_help=True, help="Check and show plans.yaml.")
app.add_typer(plans_app, name="plans", rich_help_panel=DEPLOY)
app.command(rich_help_panel=OPERATE)(doctor)
app.command(rich_help_panel=OPERATE)(watch)
app.command(rich_help_panel=MEASURE)(simulate)
app.command(rich_help_panel=MEASURE)(bench)
for operate in (coverage, images, explain, preview, report, make, forget, pause, resume, retire, keep):
    app.command(rich_help_panel=OPERATE)(operate)

WorldOption = Annotated[Path, typer.Option("--world", help="World file: what the local cloud holds at its start.")]
PlansOption = Annotated[Path, typer.Option("--plans", help="Plans file.")]


class Generation(str, Enum):
    FC2 = "fc2"
    FC3 = "fc3"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"snapimage {metadata.version('snapimage')}")
        raise typer.Exit


@app.callback()
def command(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A finished ECS snapshot becomes a custom image: try it, deploy it, watch it."""


@app.command(rich_help_panel=TRY)
def localcloud(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    world: WorldOption = places.WORLD,
    plans: PlansOption = places.PLANS,
    functions: Annotated[bool, typer.Option("--functions", help="Run the staged functions, too.")] = False,
) -> None:
    """Serve a local cloud on loopback until SIGTERM; the first line of output says where and with which keys."""
    from ops.local.serve import serve, serve_with_functions

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    (serve_with_functions if functions else serve)(world, plans, port, stop, typer.echo)


@app.command(rich_help_panel=TRY)
def replay(
    files: Annotated[list[Path] | None, typer.Argument(help="Event files, or folders of them, as events/.")] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(help="A running local cloud; without it one is started. With --to: of Function Compute."),
    ] = None,
    world: WorldOption = places.WORLD,
    plans: PlansOption = places.PLANS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each event.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the CreateImage request; change nothing.")] = False,
    to: Annotated[Generation | None, typer.Option(help="Invoke a deployed function instead.")] = None,
    service: Annotated[str | None, typer.Option(help="Its service; only on FC 2.0.")] = None,
    function: Annotated[str, typer.Option(help="Its name.")] = "snapimage-create-image",
    later: Annotated[bool, typer.Option("--async", help="As an asynchronous task.")] = False,
    task_id: Annotated[str | None, typer.Option("--id", help="Of the task; by default named after the event.")] = None,
    dead_letters: Annotated[
        bool, typer.Option("--from-dead-letters", help="Events from the dead-letter queue.")
    ] = False,
    most: Annotated[int | None, typer.Option("--max", min=1, help="Dead letters at the most.")] = None,
) -> None:
    """Run create_image on event files. Exit 0: every event got an answer; 1: the function failed on one; 2: usage."""
    from ops.replay.command import DeployedTarget, ReplayOptions, replay_here, replay_there

    options = ReplayOptions(tuple(files or ()), endpoint, as_json, dead_letters, most)
    if dry_run and to is not None:
        raise CommandError("--dry-run is for runs here: a deployed function does its work when it is invoked")
    if to is None:
        answered = replay_here(options, world, plans, dry_run, typer.echo)
    else:
        target = DeployedTarget(to.value, service, function, later or task_id is not None, task_id)
        answered = replay_there(options, target, typer.echo)
    raise typer.Exit(0 if answered else 1)


@app.command(rich_help_panel=DEPLOY)
def build(
    python: Annotated[str | None, typer.Option(help="Minor version of the target; else that of s.yaml.")] = None,
    local: Annotated[
        bool, typer.Option("--local", help="For the interpreter at hand, from what is installed.")
    ] = False,
    deploy: Annotated[bool, typer.Option("--deploy", help="First make sure that s.yaml has all it needs.")] = False,
    plans: Annotated[Path, typer.Option("--plans", help="Plans file.")] = places.OWN_PLANS,
    out: Annotated[Path, typer.Option(help="Folder to make anew.")] = places.ROOT / "build",
) -> None:
    """Stage what s.yaml deploys: a folder and a zip for each function."""
    from deploy.build import BuildOrder, report
    from deploy.build import build as stage
    from deploy.serverless import declared_python
    from ops.plans.before_deployment import check_deployment
    from ops.plans.check import plans_to_stage

    def warn(text: str) -> None:
        typer.echo(text, err=True)

    if deploy:
        check_deployment(plans)
    here = "{}.{}".format(*sys.version_info)
    order = BuildOrder(python or (here if local else declared_python()), local, plans_to_stage(plans, warn), out)
    if deploy and order.python != declared_python():
        raise CommandError(f"s.yaml declares Python {declared_python()}, not {order.python}")
    typer.echo(report(stage(order, warn)))


@app.command(rich_help_panel=DEPLOY)
def setup(
    endpoint: Annotated[str | None, typer.Option(help="MNS endpoint; or SNAPIMAGE_MNS_ENDPOINT.")] = None,
    region: Annotated[str | None, typer.Option(help="Unless the endpoint tells it.")] = None,
    account: Annotated[str | None, typer.Option(help="Account id, unless the endpoint tells it.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing. Needs no keys.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for the policies, one file for each role.")] = None,
    plans: PlansOption = places.OWN_PLANS,
) -> None:
    """Make or widen the two queues and print the RAM policies that the functions need. May be repeated."""
    from ops.setup import SetupOptions, set_up

    set_up(SetupOptions(endpoint, region, account, dry_run, out, plans), typer.echo)


@app.command(rich_help_panel=TRY)
def demo() -> None:
    """Watch one snapshot become an image, on a local cloud: no account, a few seconds."""
    from ops.local.demo import run_demo

    run_demo(typer.echo)


@plans_app.command("check")
def plans_check(file: Annotated[Path, typer.Argument()] = places.OWN_PLANS) -> None:
    """Say what is wrong with a plans file, by line and key. Exit 0: nothing; 2: something."""
    from ops.plans.check import check_plans

    typer.echo(check_plans(file))


@plans_app.command("show")
def plans_show(file: Annotated[Path, typer.Argument()] = places.OWN_PLANS) -> None:
    """Print the plans with every default filled in, as the functions get them (JSON)."""
    from ops.plans.check import read_plans

    typer.echo(read_plans(file).model_dump_json(indent=2, by_alias=True))


def main() -> NoReturn:
    """Entry point: a file that cannot be used is one clear line and exit code 2, never a traceback."""
    prepare_streams()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app()
    except CommandError as error:
        end(str(error))
    except OSError as error:
        end(describe(error))
    sys.exit(0)
