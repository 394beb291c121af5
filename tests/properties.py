"""How properties are searched: with the same examples every time, and with fewer where a search is to be short."""

from hypothesis import settings
from hypothesis import strategies as st
from support import SEARCH_SHARE

LETTERS = st.characters(exclude_categories=["Cs"])
"""Those of `st.text`, which tries each of a million whether UTF-8 can write it: a second, in every process of a new checkout."""


def drawn(examples: int) -> settings:
    return settings(deadline=None, derandomize=True, max_examples=examples // SEARCH_SHARE, database=None)
