"""The README and the schema show what the code does now."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ops.cli import app, plans_app
from ops.message_examples import EXAMPLES, examples
from ops.message_schema import SCHEMA, write_schema
from ops.places import ROOT
from ops.plans import check_plans
from ops.yaml_model import FileError, read_model
from shared.domain.plans import DataDisks, ImageSettings, Plan, Plans, Source
from shared.domain.reasons import Reason, State

README = (ROOT / "README.md").read_text()


def test_the_readme_shows_what_the_commands_print_and_what_the_functions_publish() -> None:
    cog = Path(sys.executable).with_name("cog")
    result = subprocess.run([cog, "--check", "-P", "README.md"], capture_output=True, text=True, cwd=ROOT, timeout=100)

    assert result.returncode == 0, "run `make docs` and look at what changed: " + result.stdout + result.stderr


def test_the_schema_is_that_of_the_model() -> None:
    assert SCHEMA.read_text() == write_schema(), "run `make docs`; a changed schema may need a new version"


def test_the_examples_are_those_of_the_model() -> None:
    assert {path.name: path.read_text() for path in EXAMPLES.iterdir()} == examples(), "run `make docs`"


def test_every_state_and_reason_is_in_the_readme() -> None:
    assert [word.value for word in (*State, *Reason) if f"`{word.value}`" not in README] == []


def test_every_command_is_in_the_readme() -> None:
    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    names += ["plans " + str(command.name) for command in plans_app.registered_commands]

    assert [name for name in names if f"snapimage {name}" not in README] == []


def test_the_plan_in_the_readme_can_be_written_so(tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text(README.partition("## plans.yaml")[2].partition("```yaml\n")[2].partition("```")[0])

    assert [plan.name for plan in read_model(file, Plans).plans] == ["web"]
    with pytest.raises(FileError, match="i-example0web is the example's id; write your own"):
        check_plans(file)


def test_every_key_of_a_plan_is_in_the_readme() -> None:
    models = (Plan, Source, DataDisks, ImageSettings)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}

    assert sorted(key for key in keys if not re.search(rf"\b{re.escape(key)}\b", README)) == []
