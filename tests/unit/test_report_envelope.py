"""The report's envelope is a CloudEvent of its own type, without a subject."""

import json

from fakes.builders import ACCOUNT, NOW, REGION

from shared.domain.report import NightFacts, report
from shared.domain.report_envelope import envelope_report


def test_a_report_is_an_event_of_its_own_type_and_schema() -> None:
    told = json.loads(envelope_report(report(NightFacts(ACCOUNT, REGION, NOW)), "report_night", NOW).to_json())

    assert {name: told[name] for name in told if name not in {"id", "data"}} == {
        "specversion": "1.0",
        "source": f"/snapimage/{ACCOUNT}/{REGION}/report_night",
        "type": "snapimage.report.night",
        "time": NOW.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": "urn:snapimage:schema:night-report:1.0",
    }


def test_words_in_any_script_are_told_as_they_are_and_half_a_letter_is_none() -> None:
    told = report(NightFacts(ACCOUNT, REGION, NOW, troubles=("机器", "half a pair: \ud800")))

    assert "机器; half a pair: ?" in envelope_report(told, "report_night", NOW).to_json()


def test_a_reader_of_images_that_does_not_look_at_the_type_finds_no_snapshot_and_no_end() -> None:
    told = json.loads(envelope_report(report(NightFacts(ACCOUNT, REGION, NOW)), "report_night", NOW).to_json())["data"]

    assert (told["snapshot_id"], told["state"], told["reason"]) == (None, "reported", "NightReport")
    assert told["terminal"] is False
