"""README, docs and schema show what the code does now, lead where they say, and name only what there is."""

import ast
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cogapp import Cog
from command import put_command

from files.errors import CommandError
from files.places import ROOT
from files.yaml_model import read_model
from ops.docs import generate
from ops.docs.commands import all_commands
from ops.docs.night_plot import draw_night
from ops.plans.check import check_plans
from shared.domain.message_fields import Reason, State
from shared.domain.plans import DataDisks, ImageSettings, Plan, Plans, Source

PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("deploy/**/*.md"),
        *ROOT.glob("localcloud/*.md"),
        *ROOT.glob("requirements/*.md"),
    ]
)
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in PAGES}
GENERATED = [name for name, text in TEXTS.items() if "[[[cog" in text]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PROMISE = re.compile(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.M)
NAMED = re.compile(r"`(\w+)` in \[\w+\]\(\.\./([^)]+)\)")
ALIYUN = '#!/bin/sh\nfor word in "$@"; do printf "%s\\037" "$word"; done >> calls; printf "\\036" >> calls\n'
"""Stands in for the vendor's command: writes down what it is given."""


def shell(name: str) -> list[str]:
    """What a page has people type: its blocks of shell."""
    return [block for language, block in FENCED.findall(TEXTS[name]) if language == "sh"]


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(name: str) -> Iterator[str]:
    for link in LINK.findall(FENCED.sub("", TEXTS[name])):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        is_there = target.exists() and (not anchor or anchor in anchors(target.read_text()))
        if not link.startswith("https://") and not is_there:
            yield link


def misspelt_commands(text: str) -> Iterator[str]:
    """Of what stands in code: commands of ours that there are not, and options that they have not."""
    known = all_commands()
    for words in re.findall(r"(?:^|[`$ ])snapimage ([a-z][^`\n|;]*)", text, re.M):
        name = next((name for name in known if re.match(rf"{name}(?![\w-])", words)), None)
        if name is None:
            yield words
            continue
        options = {spelling for param in known[name].params for spelling in param.opts}
        yield from (f"{name} {word}" for word in re.findall(r"(?<=\s)--[\w-]+", words) if word not in options)


def type_with_stand_in(script: str, folder: Path, **variables: str) -> list[list[str]]:
    """What the stand-in for the vendor's command was called with."""
    (folder / "aliyun").write_text(ALIYUN)
    (folder / "aliyun").chmod(stat.S_IRWXU)
    places = [str(folder), str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {"PATH": os.pathsep.join(places), **variables}
    subprocess.run(["bash", "-e", "-u", "-c", script], cwd=folder, env=environment, check=True)
    return [call.split("\037") for call in (folder / "calls").read_text().split("\036")]


@pytest.mark.parametrize("name", GENERATED)
def test_a_page_shows_what_the_commands_print_and_what_the_functions_publish(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(generate, "COMMAND", put_command(tmp_path))

    assert Cog().main(["cog", "--check", "-P", name]) == 0, "run `make docs` and look at what changed"


def test_the_drawing_of_a_night_is_that_of_the_simulation() -> None:
    assert generate.DRAWING.read_text() == draw_night(), "run `make docs`"


def test_the_readme_is_short() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 200


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_first_screen_has_the_picture_the_demo_and_the_doors(name: str) -> None:
    screen = "\n".join(TEXTS[name].splitlines()[:40])

    assert [each in screen for each in ("```mermaid", "$ make demo", "docs/real-account.md")] == [True] * 3
    assert len(re.findall(r"^- \*\*", screen, re.M)) == 3


def test_the_japanese_page_has_the_commands_of_the_english_one() -> None:
    english, _, _ = TEXTS["README.md"].partition("## The morning after")

    assert shell("README.ja.md") == [block for block in shell("README.md") if block in english]


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name: str) -> None:
    assert list(broken_links(name)) == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_exists(name: str) -> None:
    assert list(misspelt_commands(TEXTS[name])) == []


def test_every_page_is_reached_from_the_readme() -> None:
    pages = {name for name in TEXTS if name.startswith("docs/")}

    assert pages - set(re.findall(r"\]\((docs/[\w-]+\.md)", TEXTS["README.md"])) == set()


def test_every_state_and_reason_is_explained() -> None:
    assert [word.value for word in (*State, *Reason) if f"`{word.value}`" not in TEXTS["docs/messages.md"]] == []


def test_every_reason_to_act_has_its_action() -> None:
    failed = re.search(r"^\| `failed` \|([^|]+)\|", TEXTS["docs/messages.md"], re.M)

    assert failed
    assert [reason for reason in re.findall(r"`\w+`", failed[1]) if reason not in TEXTS["docs/failures.md"]] == []


def test_the_plan_in_the_documents_can_be_written_so(tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    file.write_text(TEXTS["docs/plans.md"].partition("```yaml\n")[2].partition("```")[0])

    assert [plan.name for plan in read_model(file, Plans).plans] == ["web"]
    with pytest.raises(CommandError, match="i-example0web is the example's id; write your own"):
        check_plans(file)


def test_every_key_of_a_plan_is_in_the_documents() -> None:
    models = (Plan, Source, DataDisks, ImageSettings)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}

    assert sorted(key for key in keys if not re.search(rf"\b{re.escape(key)}\b", TEXTS["docs/plans.md"])) == []


def test_every_field_of_a_line_of_log_is_in_the_documents() -> None:
    """Of the counts of a run, which are named nowhere, apart."""
    calls = [
        node for node in ast.walk(ast.parse((ROOT / "shared/flows/log.py").read_text())) if isinstance(node, ast.Call)
    ]
    fields = {each.arg for call in calls if ast.unparse(call.func) == "log" for each in call.keywords}
    page = (ROOT / "docs/logs.md").read_text()
    assert {field for field in fields if f"`{field}`" not in page} == set()


def test_every_promise_names_its_code_and_its_test() -> None:
    _, *promises = PROMISE.findall(TEXTS["docs/architecture.md"].partition("## The promises")[2])
    named = NAMED.findall(str(promises))

    assert len(promises) >= 12
    assert [cell for promise in promises for cell in promise if not re.search(r"\]\(\.\./[^)]+\)", cell)] == []
    assert [name for name, file in named if not re.search(rf"def {name}\b", (ROOT / file).read_text())] == []


def test_the_roles_of_the_readme_are_made_with_the_policies_that_setup_writes(tmp_path: Path) -> None:
    """Both blocks as they stand, with `--dry-run` for want of an account, and with a stand-in for the vendor's command."""
    (setup,), (roles,) = ([block for block in shell("README.md") if word in block] for word in ("setup", "aliyun ram"))
    script = setup.replace("--out", "--dry-run --out").replace("export ALIBABA", "# export ALIBABA") + roles

    calls = type_with_stand_in(script, tmp_path)

    assert [call[1] for call in calls if len(call) > 1] == ["CreateRole", "CreatePolicy", "AttachPolicyToRole"] * 5
    assert [call[3] for call in calls[::3] if len(call) > 1] == [
        "snapimage-create-image", "snapimage-reconcile-snapshots", "snapimage-report-night", "snapimage-retire-images",
        "snapimage-track-images",
    ]  # fmt: skip
    assert all('"Statement"' in call[5] for call in calls[:15] if call[1] != "AttachPolicyToRole")


def test_the_stack_of_the_logs_is_made_of_the_template_that_ships(tmp_path: Path) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    (script,) = shell("docs/logs.md")

    (call, *_) = type_with_stand_in(script, tmp_path, SNAPIMAGE_REGION="cn-hangzhou")

    given = dict(zip(call[2::2], call[3::2], strict=False))
    template = yaml.safe_load(given["--TemplateBody"])
    assert (call[:2], given["--RegionId"]) == (["ros", "CreateStack"], "cn-hangzhou")
    assert {given[f"--Parameters.{number}.ParameterKey"] for number in (1, 2)} == {
        name for name, parameter in template["Parameters"].items() if "Default" not in parameter
    }
