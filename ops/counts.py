"""How a number of things is written for people."""


def count(number: int, what: str) -> str:
    """`1 machine`, `2 machines`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
