"""Images on a shelf are found by what they carry now, not by what they carried once."""

from dataclasses import replace

from fakes.builders import image

from simulation.shelf import Shelf

ONE = image("m-1", name="one", tags={"plan": "web", "open": "yes"})
TWO = image("m-2", name="two", tags={"plan": "web", "open": "no"})
THREE = image("m-3", name="three", tags={"plan": "db", "open": "no"})


def test_an_image_is_found_by_all_of_the_tags_by_its_name_and_by_its_system_snapshot() -> None:
    shelf = Shelf([ONE, TWO, THREE])

    assert shelf.tagged({"plan": "web"}) == [ONE, TWO]
    assert shelf.tagged({"plan": "db", "open": "yes"}) == []
    assert shelf.tagged({"plan": "web", "open": "yes"}) == [ONE]
    assert shelf.tagged({"plan": "web", "open": "maybe"}) == []
    assert shelf.tagged({}) == [ONE, TWO, THREE]
    assert shelf.named("two") == [TWO]
    assert shelf.of_snapshot("s-sys") == [ONE, TWO, THREE]
    assert shelf.of_snapshot("s-data") == []


def test_a_changed_image_is_found_by_its_new_tags_and_name_only() -> None:
    shelf = Shelf([ONE])
    shelf["m-1"] = changed = replace(ONE, name="other", tags={"plan": "web", "open": "no"})

    assert (shelf.tagged({"open": "yes"}), shelf.tagged({"open": "no"})) == ([], [changed])
    assert (shelf.named("one"), shelf.named("other")) == ([], [changed])


def test_a_deleted_image_is_found_by_nothing() -> None:
    shelf = Shelf([ONE])
    del shelf["m-1"]

    assert (shelf.tagged({"plan": "web"}), shelf.named("one"), shelf.of_snapshot("s-sys")) == ([], [], [])
