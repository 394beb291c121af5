"""The slim form of the packages: the same behaviour, less of it loaded, and no quiet surprise when an SDK changes."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.called import CLIENT, MODELS, called_actions, called_models, check_called, find_homes, keep_called_methods
from deploy.dependencies import locked
from deploy.late_imports import LATE_IMPORTS, LateImport, move_import
from deploy.slim import LEFT_OUT, SHIPPED, check_names, check_stand_in
from deploy.staging import stage_once
from files import places
from files.errors import CommandError

pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]

ADAPTER_TESTS = [f"test_{name}_adapter.py" for name in ("ecs", "ecs_snapshots", "ecs_disks", "mns")]
REAL_MODELS = Path(str(importlib.util.find_spec("alibabacloud_ecs20140526").origin)).parent / "models" / "__init__.py"  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def folder() -> Path:
    return stage_once(places.PLANS) / "create_image"


def in_package(folder: Path, script: str) -> Any:
    """What a script prints as JSON that sees the standard library and the package, and nothing else."""
    command = [
        sys.executable,
        "-B",
        "-S",
        "-E",
        "-s",
        "-c",
        f"import sys; sys.path.insert(0, {str(folder)!r})\n{script}",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_contract_tests_of_the_adapters_pass_through_slim_packages(folder: Path) -> None:
    tests = [str(Path(__file__).with_name(name)) for name in ADAPTER_TESTS]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]

    result = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=places.ROOT,
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stdout[-3000:]
    assert " passed" in result.stdout


def test_every_model_of_the_sdk_can_still_be_asked_for(folder: Path) -> None:
    known = sorted(find_homes(REAL_MODELS.read_text()))

    given = in_package(
        folder,
        "import json\nfrom alibabacloud_ecs20140526 import models\n"
        "print(json.dumps(sorted(name for name in models.__all__ if getattr(models, name).__name__ == name)))",
    )

    assert len(known) > 2000
    assert given == known


def test_a_model_that_does_not_exist_is_an_attribute_error(folder: Path) -> None:
    said = in_package(
        folder,
        "import json\nfrom alibabacloud_ecs20140526 import models\n"
        "try: models.Nothing\nexcept AttributeError as error: print(json.dumps(str(error)))",
    )

    assert said == "module 'alibabacloud_ecs20140526.models' has no attribute 'Nothing'"


def test_the_client_loads_no_model_and_nothing_that_was_left_out(folder: Path) -> None:
    loaded = in_package(
        folder,
        "import json, alibabacloud_ecs20140526.client, mns.queue\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(('alibabacloud_ecs20140526.models._', "
        "'wrapt', 'apscheduler', 'aiohttp.', 'cffi', 'multidict', 'charset_normalizer.', 'websocket'))]))",
    )

    assert loaded == []


def test_what_was_left_out_refuses_to_be_used(folder: Path) -> None:
    said = in_package(
        folder,
        "import json, aiohttp\ntry: aiohttp.ClientSession()\nexcept ImportError as error: print(json.dumps(str(error)))",
    )

    assert said == "aiohttp.ClientSession was left out of this package; see LEFT_OUT in deploy/slim.py"


def test_a_deprecated_attribute_of_a_queue_still_works_and_warns(folder: Path) -> None:
    said = in_package(
        folder,
        "import json, warnings\nfrom deprecated import deprecated\n"
        "@deprecated('use that')\ndef this(): return 7\n"
        "with warnings.catch_warnings(record=True) as caught:\n  warnings.simplefilter('always')\n  value = this()\n"
        "print(json.dumps([value, caught[0].category.__name__, str(caught[0].message)]))",
    )

    assert said == [7, "DeprecationWarning", "this: use that"]


def test_every_package_of_the_lock_ships_or_is_left_out() -> None:
    assert {requirement.name for requirement in locked()} == SHIPPED | LEFT_OUT
    assert frozenset() == SHIPPED & LEFT_OUT


def test_an_sdk_that_needs_a_new_package_stops_the_build() -> None:
    with pytest.raises(CommandError, match=r"deploy/slim.py: quic: new in the lock; do functions need it"):
        check_names([*SHIPPED, "quic"])


def test_an_sdk_without_the_module_that_a_stand_in_replaces_stops_the_build() -> None:
    with pytest.raises(CommandError, match="aiohttp has no module aiohttp/moved any more"):
        check_stand_in("aiohttp/moved", "aiohttp")


def test_a_module_of_what_was_left_out_says_the_same(folder: Path) -> None:
    said = in_package(
        folder,
        "import json\nfrom alibabacloud_credentials import models\n"
        "try: models.Config(type='sts')\nexcept ImportError as error: print(json.dumps(str(error)))",
    )

    assert said == "alibabacloud_credentials.models.Config was left out of this package; see LEFT_OUT in deploy/slim.py"


@pytest.mark.parametrize(
    "source",
    [
        "from ._a import A\nimport sys\n",
        "from ._a import A\n\ndef __getattr__(name): ...\n",
        "from alibabacloud_ecs20140526.models._a import A\n",
        "from __future__ import annotations\n__all__ = []\n",
    ],
)
def test_an_sdk_whose_models_are_laid_out_otherwise_stops_the_build(source: str) -> None:
    with pytest.raises(CommandError, match="the SDK's layout has changed"):
        find_homes(source)


@pytest.mark.parametrize(
    ("called", "said"), [({"_make_image_request"}, "_make_image_request"), (set(), "not one call")]
)
def test_a_call_whose_models_the_sdk_does_not_have_stops_the_build(called: set[str], said: str) -> None:
    with pytest.raises(CommandError, match=f"models of our calls are not found in the SDK: {said}"):
        check_called(frozenset(called), {"CreateImageRequest": "_create_image_request"})


def test_the_models_of_every_call_ship_with_bytecode_and_no_others(folder: Path) -> None:
    compiled = {path.name.partition(".")[0] for path in (folder / MODELS / "__pycache__").iterdir()}

    assert compiled == called_models() | {"__init__"}


def test_the_client_has_a_method_for_every_call_and_for_no_other_action(folder: Path) -> None:
    (client,) = (node for node in ast.parse((folder / CLIENT).read_text()).body if isinstance(node, ast.ClassDef))
    methods = {node.name for node in client.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

    wanted = {f"{action}{suffix}" for action in called_actions() for suffix in ("", "_with_options")}
    assert methods == wanted | {"__init__", "get_endpoint"}


def test_a_client_without_a_method_that_we_call_stops_the_build() -> None:
    with pytest.raises(CommandError, match="no method make_image any more"):
        keep_called_methods("class Client:\n    def copy_image(self): ...\n", frozenset({"make_image"}))


LATE = LateImport(Path("sdk.py"), "import asyncio", "asyncio")
WITH_EARLY_IMPORT = """import asyncio
import json

def wait(seconds):
    '''Waits.'''
    return asyncio.sleep(seconds)

def dump(value):
    return json.dumps(value)
"""
WITH_LATE_IMPORT = """
import json

def wait(seconds):
    '''Waits.'''
    import asyncio
    return asyncio.sleep(seconds)

def dump(value):
    return json.dumps(value)
"""


def test_a_late_import_stands_in_each_function_that_uses_it_and_nowhere_else() -> None:
    assert move_import(WITH_EARLY_IMPORT, LATE) == WITH_LATE_IMPORT


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def wait():\n    asyncio.sleep(1)\n", id="not imported"),
        pytest.param("import asyncio\n\ndef wait():\n    pass\n", id="not used"),
        pytest.param("import asyncio\nLOOP = asyncio.run\n\ndef wait():\n    asyncio.sleep(1)\n", id="used at import"),
        pytest.param("import asyncio\n\ndef wait(run=asyncio.run):\n    asyncio.sleep(1)\n", id="used as a default"),
    ],
)
def test_an_sdk_that_uses_a_late_import_otherwise_stops_the_build(source: str) -> None:
    with pytest.raises(CommandError, match="`import asyncio` is not at its top and used in functions alone"):
        move_import(source, LATE)


def test_nothing_that_is_imported_late_is_loaded_for_a_call(folder: Path) -> None:
    late = sorted({each.statement.split()[1] for each in LATE_IMPORTS})

    loaded = in_package(
        folder,
        "import json, alibabacloud_ecs20140526.client, mns.account, mns.queue\n"
        f"print(json.dumps([name for name in {late} if name in sys.modules]))",
    )

    assert loaded == []
