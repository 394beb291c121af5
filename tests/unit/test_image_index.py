"""Images in the index are found by what they carry now, not by what they carried once."""

from dataclasses import replace

from fakes.builders import image

from simulation.memory.image_index import ImageIndex

ONE = image("m-1", name="one", tags={"plan": "web", "open": "yes"})
TWO = image("m-2", name="two", tags={"plan": "web", "open": "no"})
THREE = image("m-3", name="three", tags={"plan": "db", "open": "no"})


def test_an_image_is_found_by_all_of_the_tags_by_its_name_and_by_its_system_snapshot() -> None:
    index = ImageIndex([ONE, TWO, THREE])

    assert index.tagged({"plan": "web"}) == [ONE, TWO]
    assert index.tagged({"plan": "db", "open": "yes"}) == []
    assert index.tagged({"plan": "web", "open": "yes"}) == [ONE]
    assert index.tagged({"plan": "web", "open": "maybe"}) == []
    assert index.tagged({}) == [ONE, TWO, THREE]
    assert index.named("two") == [TWO]
    assert index.of_snapshot("s-sys") == [ONE, TWO, THREE]
    assert index.of_snapshot("s-data") == []


def test_a_changed_image_is_found_by_its_new_tags_and_name_only() -> None:
    index = ImageIndex([ONE])
    index["m-1"] = changed = replace(ONE, name="other", tags={"plan": "web", "open": "no"})

    assert (index.tagged({"open": "yes"}), index.tagged({"open": "no"})) == ([], [changed])
    assert (index.named("one"), index.named("other")) == ([], [changed])


def test_a_deleted_image_is_found_by_nothing() -> None:
    index = ImageIndex([ONE])
    del index["m-1"]

    assert (index.tagged({"plan": "web"}), index.named("one"), index.of_snapshot("s-sys")) == ([], [], [])
