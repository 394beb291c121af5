"""The CRC-64 of a code package, as Function Compute tells it: ECMA-182 as OSS and the deployment tool count it, in decimals."""

_REFLECTED = 0xC96C5795D7870F42
"""ECMA-182's polynomial 42F0E1EBA9EA3693 with its bits in reverse order."""
_ALL = 0xFFFFFFFFFFFFFFFF


def _entry(byte: int) -> int:
    value = byte
    for _ in range(8):
        value = (value >> 1) ^ (_REFLECTED if value & 1 else 0)
    return value


_TABLE = tuple(_entry(byte) for byte in range(256))


def code_checksum(package: bytes) -> str:
    value = _ALL
    for byte in package:
        value = _TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return str(value ^ _ALL)
