"""Every situation in this folder, played on the staged functions in one local cloud. CONTRIBUTING.md has the format."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator
from judge_play import play
from scenario import Scenario
from theatre import Theatre, open_theatre

from files.yaml_model import read_model
from ops.docs.message_schema import SCHEMA

pytestmark = [pytest.mark.xdist_group("scenarios"), pytest.mark.timeout(300)]  # the first one may have to stage
FILES = sorted(Path(__file__).parent.glob("*.yaml"))
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text()))


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with open_theatre(tmp_path_factory.mktemp("scenarios")) as opened:
        yield opened


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_must_be_made_and_said_is(path: Path, theatre: Theatre) -> None:
    scenario = read_model(path, Scenario)

    faults = play(scenario, theatre)
    faults += [error.message for message in theatre.look().messages for error in VALIDATOR.iter_errors(message)]

    assert not faults, "\n".join([scenario.why, *faults, theatre.log()])
