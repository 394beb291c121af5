"""What a run tells: a table for people, JSON for programs."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from live.judge import LiveAnswer
from live.questions import OpenQuestion

AGREES = {True: "yes", False: "NO", None: "-"}
COLUMNS = ("", "question", "answer", "what the code does", "agrees?")


def rows(questions: list[OpenQuestion], answers: Mapping[str, LiveAnswer]) -> list[dict[str, Any]]:
    known = {
        each.id: answers.get(each.id, LiveAnswer(each.live.replace("no:", "not by one run:", 1), None))
        for each in questions
    }
    return [
        {
            "id": each.id,
            "question": each.asks,
            "answer": known[each.id].says,
            "assumes": each.assumes,
            "agrees": known[each.id].agrees,
        }
        for each in questions
    ]


def print_table(found: list[dict[str, Any]]) -> None:
    table = Table(*COLUMNS, show_lines=True)
    for row in found:
        cells = (row["id"], row["question"], row["answer"], row["assumes"], AGREES[row["agrees"]])
        table.add_row(*map(Text, cells))
    Console().print(table)
