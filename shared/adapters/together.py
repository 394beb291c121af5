"""Does one thing several times side by side, for calls that wait most of their time."""

from collections.abc import Callable


def do_together(work: Callable[[], None], times: int) -> None:
    """In so many threads; returns when all have returned, and raises what the first of them raised."""
    if times <= 1:
        work()
        return
    from concurrent.futures import ThreadPoolExecutor  # of use to large runs only

    with ThreadPoolExecutor(times) as pool:
        for each in [pool.submit(work) for _ in range(times)]:
            each.result()
