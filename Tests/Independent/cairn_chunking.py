"""Where a stream is cut into chunks. Nothing of it is needed to read. FORMAT.md, section 8."""

from __future__ import annotations

from typing import Iterator

from cairn_records import hkdf
from cairn_repository import Tier

def cuts(stream: bytes, secret: bytes, tiers: list[Tier]) -> Iterator[tuple[int, int]]:
    """Offset and length of the chunks of a stream."""
    derived = hkdf(secret, None, "cairn/1/gear", 2048)
    table = [int.from_bytes(derived[i : i + 8], "little") for i in range(0, 2048, 8)]
    hash, start, tier = 0, 0, tiers[0]
    for i, byte in enumerate(stream):
        if i == start:
            tier = [tier for tier in tiers if tier.start <= start][-1]
        hash = (2 * hash + table[byte]) % 2**64
        length = i - start + 1
        if length < tier.min:
            continue
        bits = tier.hard if length < tier.normal else tier.easy
        if hash < 2 ** (64 - bits) or length == tier.max:
            yield start, length
            start = i + 1
    if start < len(stream):
        yield start, len(stream) - start
