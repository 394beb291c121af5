"""The CRC-64 of a code package, as Function Compute tells it: ECMA-182 as OSS and the deployment tool count it, in decimals.

A package is a polynomial over two elements, and its checksum what is left of it. Its first half is multiplied with what is
left of the power of x that it stands before, and added to the second, until little remains: shifting megabytes at once
takes Python a tenth of a second, going over them byte by byte some seconds. The bits of everything are in reverse order.
"""

_REFLECTED = 0xC96C5795D7870F42
"""ECMA-182's polynomial 42F0E1EBA9EA3693 with its bits in reverse order."""
_ALL = 0xFFFFFFFFFFFFFFFF
_ONE, _X = 1 << 63, 1 << 62


def code_checksum(package: bytes) -> str:
    value, bits = int.from_bytes(package, "little") ^ _ALL, 8 * len(package) + 64
    while bits > 256:
        value, bits = _fold(value, bits)
    for _ in range(bits - 64):
        value = _times_x(value)
    return str(value ^ _ALL)


def _fold(value: int, bits: int) -> tuple[int, int]:
    half = (bits - 64) // 2
    first, rest, left = value & ((1 << half) - 1), value >> half, bits - half
    power = _power_of_x(left)
    for place in range(64):
        if power & (_ONE >> place):
            rest ^= first << (left - half - place)
    return rest, left


def _power_of_x(exponent: int) -> int:
    result, square = _ONE, _X
    while exponent:
        if exponent & 1:
            result = _product(result, square)
        square, exponent = _product(square, square), exponent >> 1
    return result


def _product(one: int, other: int) -> int:
    result = 0
    for place in range(64):
        if one & (_ONE >> place):
            result ^= other
        other = _times_x(other)
    return result


def _times_x(value: int) -> int:
    return (value >> 1) ^ (_REFLECTED if value & 1 else 0)
