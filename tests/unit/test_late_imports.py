"""Modules that are put off: found by every import, imported when asked for something."""

import json
import subprocess
import sys
from typing import Any

TRIAL = """
import json, sys
from shared.adapters.late_imports import put_off
put_off("asyncio", "xml.etree.ElementTree", "json")
{use}
print(json.dumps([{result}]))
"""


def trial(use: str, *results: str) -> Any:
    """In a process of its own: this one has imported everything."""
    script = TRIAL.format(use=use, result=", ".join(results))
    return json.loads(
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60).stdout
    )


def test_an_import_alone_does_not_load_what_was_put_off() -> None:
    use = "import asyncio, xml.etree.ElementTree"

    assert trial(use, "'asyncio.events' in sys.modules", "'pyexpat' in sys.modules") == [False, False]


def test_a_second_import_does_not_load_it_either() -> None:
    use = "import asyncio\nimport asyncio as again\nfrom xml.etree import ElementTree"

    assert trial(use, "'asyncio.events' in sys.modules", "'pyexpat' in sys.modules") == [False, False]


def test_asking_for_something_loads_the_real_module() -> None:
    use = "import asyncio\nasync def answer(): return 42"

    assert trial(use, "asyncio.run(answer())", "type(sys.modules['asyncio']).__name__") == [42, "module"]


def test_a_name_can_be_imported_from_it() -> None:
    use = "from xml.etree.ElementTree import fromstring"

    assert trial(use, "fromstring('<a>7</a>').text") == ["7"]


def test_a_module_that_was_imported_before_stays_as_it_is() -> None:
    assert trial("import json as same", "same is json", "type(same).__name__") == [True, "module"]


def test_what_the_module_does_not_have_is_said_as_usual() -> None:
    use = "import asyncio\ntry:\n  asyncio.nothing\nexcept AttributeError as error:\n  said = str(error)"

    assert trial(use, "said") == ["module 'asyncio' has no attribute 'nothing'"]


def test_a_submodule_of_what_was_put_off_can_be_imported() -> None:
    use = "import asyncio.coroutines"

    assert trial(use, "asyncio.coroutines.__name__") == ["asyncio.coroutines"]


def test_threads_that_ask_at_once_get_one_module() -> None:
    use = (
        "import asyncio\nfrom concurrent.futures import ThreadPoolExecutor\nsys.setswitchinterval(1e-6)\n"
        "found = set(ThreadPoolExecutor(8).map(lambda _: id(asyncio.AbstractEventLoop), range(64)))"
    )

    assert trial(use, "len(found)") == [1]
