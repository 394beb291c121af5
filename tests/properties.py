"""How properties are searched: with the same examples every time, and with fewer where a search is to be short."""

from hypothesis import settings
from support import SEARCH_SHARE


def drawn(examples: int) -> settings:
    return settings(deadline=None, derandomize=True, max_examples=examples // SEARCH_SHARE, database=None)
