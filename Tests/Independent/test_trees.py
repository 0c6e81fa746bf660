"""Tests of the independent reader with trees that are written here, from FORMAT.md alone. test_reader.py runs them."""

import struct
import unittest

from cairn_merkle import digest_of_directory, record
from cairn_records import Damage, sha256
from cairn_trees import Tree


def entry(kind, name, own=b"", flags=0, mode=0o644, nanoseconds=5, size=0, behind=b""):
    """An entry as section 12 says, of user 1 and group 2, who have no names."""
    fields = bytes([kind, flags]) + struct.pack("<H", len(name)) + name + struct.pack("<IIIBBqIQ", mode, 1, 2, 0, 0, -3, nanoseconds, size)
    return struct.pack("<I", len(fields + own + behind)) + fields + own + behind


def inline(content):
    return b"\x01" + struct.pack("<I", len(content)) + content if content else b"\x00"


class TreeTests(unittest.TestCase):
    """Trees that are written here; most of them wrong in one thing."""

    FILE = inline(b"x") + sha256(b"x")

    def walk(self, page, length=None):
        root = entry(2, b"/", bytes(32) + inline(page))
        self.chunks = {sha256(root): root}
        tree = Tree(sha256(root), lambda kind, id: self.chunks.get(id))
        return [(found, list(tree.bytes(found)), tree.holes(found)) for found in tree.entries(tree.root)]

    def test_good(self):
        attribute = b"\x01\x00" + b"\x06user.a" + struct.pack("<I", 2) + b"vv"
        page = entry(1, b"a", self.FILE, 1, size=1, behind=b"later") + entry(3, b"b", b"\x01\x00t") + entry(4, b"c", attribute, 8)
        found = self.walk(page)
        self.assertEqual([(e.name, bytes) for e, bytes, _ in found], [(b"a", [b"x"]), (b"b", []), (b"c", [])])
        # kind, name, mode, owner, time, attributes, own: section 13, by hand.
        covered = sha256(struct.pack("<I", 6) + b"user.a" + struct.pack("<I", 2) + b"vv")
        by_hand = b"\x04" + struct.pack("<I", 1) + b"c" + struct.pack("<IIIqI", 0o644, 1, 2, -3, 5) + covered
        self.assertEqual(record(found[2][0]), by_hand)
        self.assertEqual(digest_of_directory([by_hand]), sha256(b"cairn-directory-1" + by_hand))

    def test_bad(self):
        holes = lambda *numbers: entry(1, b"a", self.FILE + inline(struct.pack(f"<{len(numbers)}Q", *numbers)), 3, size=1)
        for page in (
            entry(0, b"a"), entry(8, b"a"), entry(4, b"a", flags=16), entry(4, b"a", flags=1), entry(4, b""), entry(4, b"."),
            entry(4, b".."), entry(4, b"a/b"), entry(4, b"a\0"), entry(4, b"a", mode=0o10000), entry(4, b"a", nanoseconds=10**9),
            entry(4, b"a", size=1), entry(4, b"b") + entry(4, b"a"), entry(4, b"a") * 2, entry(4, b"a")[:-1], entry(3, b"a", b"\0\0"),
            entry(1, b"a", self.FILE, 1, size=2), entry(1, b"a", inline(b"x"), size=1), entry(1, b"a", b"\0" + bytes(32), 1),
            entry(1, b"a", b"\x04", 1), entry(1, b"a", b"\x02\0\0" + bytes(32), 1), entry(2, b"a", bytes(32) + b"\0" + bytes(8), 4),
            entry(4, b"a", b"\0\0", 8), holes(), holes(0, 0), holes(0, 2), holes(0), holes(1, 1),
        ):
            with self.assertRaises(Damage, msg=page.hex()):
                self.walk(page)
