"""What a plan without `retire` costs."""

import subprocess
import sys

from files.places import ROOT

LOAD = """
import sys
from shared.domain.plans import Plans
Plans.model_validate({"region": "cn-hangzhou", "plans": [{"name": "web"}, {"name": "none", "retire": None}]})
print("shared.domain.retire" in sys.modules)
"""


def test_a_plan_without_retire_does_not_wait_for_its_model() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "False"
