"""The figures of a run for people: what was measured, what that is in ratios, and which goals are met."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from bench.calls import CallCounts
from bench.cold import ColdFigures
from bench.ratios import Ratio
from bench.run import Figures, conditions

WIDTH = 100
"""Of a pipe; a terminal has its own."""
QUIET = 0.75
"""Load for each processor above which a start has to wait for its turn."""
MET = {True: "met", False: "NOT MET", None: ""}


def show(figures: Figures) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(heading(figures) + "\n")
    for table in (cold_table(figures), warm_table(figures), calls_table(figures)):
        console.print(table)
    console.print(ratio_table(figures.ratios))


def heading(figures: Figures) -> str:
    facts = conditions()
    text = f"Python {facts['python']}, {facts['machine']}, {facts['cpus']} CPUs with a load of {figures.load:.1f};"
    text += f" medians of {figures.options.rounds} rounds, in turns. Machines differ: the ratios count."
    if figures.load > QUIET * facts["cpus"]:
        text += " The machine was busy: trust the ratios of processor time more than the others."
    return text


def cold_table(figures: Figures) -> Table:
    table = _table("Cold start: a fresh process", "handler job", "ready s", "answer s", "cpu s", "peak MiB")
    for (name, job), found in figures.cold.items():
        table.add_row(name, job, *_cold_cells(found))
    return table


def _cold_cells(found: ColdFigures) -> Iterable[str]:
    times = (found.ready_s, found.answer_s, found.answer_cpu_s)
    return [*(f"{each:.3f}" for each in times), f"{found.peak_mib:.1f}"]


def warm_table(figures: Figures) -> Table:
    table = _table("\nWarm: one event, everything loaded", "handler", "calls", "event ms", "cpu ms", "peak MiB")
    for name, found in figures.warm.items():
        times = [f"{each * 1000:.2f}" for each in (found.event_s, found.event_cpu_s)]
        table.add_row(name, str(len(found.calls)), *times, f"{found.peak_mib:.1f}")
    return table


def calls_table(figures: Figures) -> Table:
    table = _table("\nCalls of the staged functions", "invocation", "ECS calls", "messages")
    table.add_column("of ECS")
    images = {f"one image, plan {kind}": calls for kind, calls in figures.calls_per_image.items()}
    sweeps = {f"sweep: {what}": calls for what, calls in figures.followed.sweeps().items()}
    for what, calls in (images | sweeps).items():
        table.add_row(what, str(calls.ecs_total), str(calls.messages), _by_action(calls))
    return table


def _by_action(calls: CallCounts) -> str:
    return ", ".join(f"{number} {action}" for action, number in calls.ecs.items())


def ratio_table(ratios: Iterable[Ratio]) -> Table:
    table = _table("\nRatios", "figure", "value", "goal", "met")
    for ratio in ratios:
        goal = "" if ratio.goal is None else f"<= {ratio.goal:g} {ratio.unit}"
        table.add_row(ratio.what, f"{ratio.value:.3f} {ratio.unit}", goal, MET[ratio.is_met])
    return table


def _table(title: str, first: str, *others: str) -> Table:
    """The first column holds words, each of its words a column; the others hold figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in first.split():
        table.add_column(name)
    for name in others:
        table.add_column(name, justify="right")
    return table
