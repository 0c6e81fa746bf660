#!/usr/bin/env python3
"""Tests of the independent reader with repositories that are written here, also from FORMAT.md alone: delta blocks, which Cairn does not
write yet, and hostile bytes, which it never would. Cairn's own tests run this file, and read what it writes:

    test_reader.py                            run the tests
    test_reader.py write plain|sealed FOLDER  write a repository of every codec, which opens with FOLDER/key.txt
"""

import contextlib
import io
import os
import shutil
import struct
import sys
import tempfile
import unittest
from pathlib import Path

import zstandard
from cairn_chunking import cuts
from cairn_reader import main
from cairn_records import AESGCM, hkdf, padme, sha256
from cairn_repository import Tier
from test_trees import TreeTests  # is run with the tests of this file

WORDS = b"the stones of the cairn stand in the fog on the ridge and the path goes north over heather and moss; "
TIERS = [(0, 64, 256, 1024, 10, 6), (4096, 128, 512, 2048, 11, 7)]


def text(seed: int, length: int) -> bytes:
    """Bytes that compress, different for each seed."""
    lines = (b"%d %s" % (seed * i * i, WORDS[i % 50 :]) for i in range(1, length))
    return b"".join(line for line, _ in zip(lines, range(0, length, 50)))[:length]


def noise(seed: int, length: int) -> bytes:
    """Bytes that do not compress."""
    return b"".join(sha256(bytes([seed, i % 256, i // 256])) for i in range(length // 32 + 1))[:length]


def zstd(plain: bytes, prefix: bytes = b"", **parameters) -> bytes:
    """One frame; with a prefix, one that copies from it."""
    if prefix:
        parameters["dict_data"] = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdCompressor(write_dict_id=False, **parameters).compress(plain)


class Blk:
    """A block to be written. What is not given is what it should be."""

    def __init__(self, chunks, codec=0, bases=(), kind=0, content=None, prefix=b"", ids=None, plain_length=None, lengths=None):
        plain = b"".join(chunks)
        self.ids = ids or [sha256(chunk) for chunk in chunks]
        self.lengths = lengths or [len(chunk) for chunk in chunks]
        self.bases, self.codec, self.kind = [sha256(base) for base in bases], codec, kind
        self.content = content if content is not None else zstd(plain, prefix or b"".join(bases)) if codec in (1, 2) else plain
        self.plain_length = len(plain) if plain_length is None else plain_length


class Writer:
    """Writes a repository into a folder."""

    def __init__(self, folder: Path, sealed: bool):
        self.folder, self.sealed = folder, sealed
        self.id, self.master, self.key, self.secret = (noise(n, 32) for n in range(4))
        self.id = self.id[:16]
        (folder / "key.txt").write_bytes(b"cairn-key-1 %s\n" % self.key.hex().encode())
        if sealed:
            self.write_key()
        self.write_config()

    def put(self, name: str, content: bytes) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)

    def header(self, magic: bytes, kind: int, version=1, envelope=None) -> bytes:
        envelope = (1 if self.sealed else 0) if envelope is None else envelope
        return magic + struct.pack("<HBBI", version, envelope, kind, 0) + os.urandom(32)

    def seal(self, header: bytes, key: bytes, info: str, clear: bytes, number: int, content: bytes) -> bytes:
        if header[10] == 0:
            return content
        associated = self.id + header + clear + struct.pack("<I", number)
        return AESGCM(hkdf(key, header[16:48], info, 32)).encrypt(bytes(8) + struct.pack(">I", number), content, associated)

    def copy(self, header: bytes, key: bytes, info: str, clear: bytes, content: bytes) -> bytes:
        wrapped = struct.pack("<I", len(content)) + content
        if header[10] == 1:
            wrapped += bytes(padme(len(wrapped)) - len(wrapped))
        body = self.seal(header, key, info, clear, 0, wrapped)
        x = header + struct.pack("<II", len(clear), len(body)) + clear + body
        return x + sha256(x)

    @staticmethod
    def twice(x: bytes) -> bytes:
        return (x + bytes(-len(x) % 4096)) * 2

    def config(self, version=1, mode=None, again=None, features=(), tiers=TIERS) -> bytes:
        mode = int(self.sealed) if mode is None else mode
        clear = self.id + struct.pack("<qBB", 1_790_000_000, mode, len(features))
        clear += b"".join(bytes([len(name)]) + name for name in features)
        content = bytes([mode if again is None else again]) + self.secret + bytes([len(tiers)])
        content += b"".join(struct.pack("<QIIIBBxx", *tier) for tier in tiers) + b"what a later version adds"
        return self.copy(self.header(b"CAIRNCFG", 0, version), self.master, "cairn/1/config", clear, content)

    def write_config(self, **wrong) -> None:
        self.put("config", self.twice(self.config(**wrong)))

    def write_key(self, kind=2, log_n=0, r=0, p=0, id=None, name=None) -> None:
        key_id = noise(9, 16)
        clear = (id or self.id) + key_id + struct.pack("<qB3xII", 1_790_000_000, log_n, r, p)
        config = self.config()
        content = self.master + struct.pack("<H", 4) + b"test" + struct.pack("<I", len(config)) + config
        x = self.copy(self.header(b"CAIRNKEY", kind, envelope=1), self.key, "cairn/1/key", clear, content)
        self.put(f"keys/{name or key_id.hex()}", self.twice(x))

    def write_manifest(self, name=b"root", references=(), layout=1, count=None) -> None:
        content = struct.pack("<BqH", layout, 1_790_000_000_000_000_000, len(name)) + name
        content += struct.pack("<I", len(references) if count is None else count)
        content += b"".join(bytes([kind]) + sha256(chunk) for kind, chunk in references)
        content += struct.pack("<I", 5) + b"hello" + b"what a later version adds"
        file = self.twice(self.copy(self.header(b"CAIRNMAN", 0), self.master, "cairn/1/manifest", b"", content))
        self.put(f"manifests/{sha256(file).hex()}", file)

    def write_pack(self, *blocks, kind=2, **wrong) -> str:
        """Writes a pack and returns its name. `wrong` gives other values to fields of the directory, the header or the trailer."""
        header = self.header(b"CAIRNPAK", kind, wrong.get("version", 1))
        pieces = [self.seal(header, self.master, "cairn/1/pack", b"", i, block.content) for i, block in enumerate(blocks)]
        counts = {
            "layout": 1,
            "blocks": len(blocks),
            "chunks": sum(len(block.ids) for block in blocks),
            "bases": sum(len(block.bases) for block in blocks),
            "stored": sum(map(len, pieces)),
        }
        directory = struct.pack("<IIIIQ", *{**counts, **{k: v for k, v in wrong.items() if k in counts}}.values())
        for block, piece in zip(blocks, pieces):
            fields = len(piece), block.plain_length, len(block.ids), len(block.bases), block.codec, block.kind
            directory += struct.pack("<IIIIBBxx", *fields)
        for block in blocks:
            directory += b"".join(id + struct.pack("<I", length) for id, length in zip(block.ids, block.lengths))
        directory += b"".join(base for block in blocks for base in block.bases)
        if self.sealed:
            directory += bytes(padme(len(directory)) - len(directory))
        stored = self.seal(header, self.master, "cairn/1/pack", b"", 2**32 - 1, directory)
        length = len(header) + sum(map(len, pieces)) + len(stored) + 40
        filler = os.urandom(padme(length) - length if self.sealed else 0) + wrong.get("more_filler", b"")
        front = header + b"".join(pieces) + filler
        trailer = struct.pack("<QII", len(front) + wrong.get("shift", 0), len(stored), 0)
        trailer += sha256(header, stored, trailer)[:16] + b"CAIRNEND"
        file = front + stored + trailer
        name = sha256(file).hex()
        self.put(f"packs/{'d' if kind == 1 else 't'}/{name[:2]}/{name}", file)
        return name


def write_all_codecs(writer: Writer) -> None:
    """Two packs with blocks of every codec; the delta blocks' bases lie in both."""
    old, older = text(1, 30_000), noise(1, 2000)
    writer.write_pack(Blk([older, b""], 0), Blk([old[:20_000], old[20_000:]], 1), Blk([text(2, 90)], 1, kind=1))
    new = [old[100:15_000] + b"new" + older, older[::-1] + old[20_000:]]
    writer.write_pack(Blk(new, 2, [older, old[:20_000]]), Blk([b"in between"]), Blk([old[21_000:]], 2, [old[20_000:]]), kind=1)
    writer.write_manifest(references=[(0, chunk) for chunk in new] + [(1, text(2, 90))])


class ReaderTest(unittest.TestCase):
    """Each test runs on a plain and on a sealed repository."""

    sealed = False

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.writer = Writer(self.folder, self.sealed)

    def read(self, command: str, *words: str):
        """Exit code, output and errors of the reader."""
        key = ["--key-file", str(self.folder / "key.txt")] if self.sealed else []
        output, errors = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = main([*key, command, str(self.folder), *words])
        return code, output.buffer.getvalue(), errors.getvalue()

    def expect_good(self, summary: str) -> None:
        self.assertEqual(self.read("verify"), (0, summary.encode() + b"\n", ""))

    def expect_bad(self, complaint: str, command: str = "verify") -> bytes:
        code, output, errors = self.read(command)
        self.assertEqual(code, 1, "damage was not found")
        self.assertIn(complaint, errors)
        return output

    def expect_cat(self, chunk: bytes) -> None:
        self.assertEqual(self.read("cat", sha256(chunk).hex()), (0, chunk, ""))


class GoodTests(ReaderTest):
    def test_all_codecs_in_one_pack(self):
        old, new = text(1, 3000), text(1, 2000) + b"and something new" + text(1, 900)
        self.writer.write_pack(Blk([noise(1, 500), b""]), Blk([old], 1), Blk([new], 2, [old]), Blk([text(2, 50)], 1, kind=1))
        self.writer.write_manifest(references=[(0, new), (1, text(2, 50))])
        self.expect_good(f"1 packs, 4 blocks, 5 chunks, {500 + 3000 + len(new) + 50} bytes, 1 roots")
        self.expect_cat(new)
        self.assertIn(f"base {sha256(old).hex()}\n    chunk {sha256(new).hex()} {len(new)}\n", self.read("list")[1].decode())

    def test_what_is_written_for_the_library(self):
        write_all_codecs(self.writer)
        code, output, errors = self.read("verify")
        self.assertEqual((code, errors), (0, ""))
        self.assertIn(b"2 packs, 6 blocks, 9 chunks, ", output)

    def test_a_delta_depends_on_its_prefix(self):
        old = noise(1, 4000)
        self.assertLess(len(zstd(old[::-1] + old, old)), 4200)
        self.writer.write_pack(Blk([old], 0), Blk([old[100:]], 2, [old]))
        self.expect_cat(old[100:])

    def test_bases_are_joined_in_order_from_packs_and_blocks(self):
        parts = [noise(n, 1000 + n) for n in range(4)]
        self.writer.write_pack(Blk(parts[1:3]), kind=1)
        self.writer.write_pack(Blk([parts[0], noise(9, 10)]), kind=1)
        new = parts[2][10:] + parts[0] + parts[1][:700]
        self.writer.write_pack(Blk([b"in front", new, b"behind"], 2, [parts[2], parts[0], parts[1]]), kind=1)
        self.expect_cat(new)
        self.expect_cat(b"behind")

    def test_a_base_may_be_a_tree_or_empty(self):
        old = text(1, 2000)
        self.writer.write_pack(Blk([old, b""], 1, kind=1), Blk([old[500:]], 2, [b"", old], kind=1), Blk([text(2, 9)], 2, [b""]))
        self.expect_cat(old[500:])
        self.expect_cat(text(2, 9))

    def test_a_base_is_taken_from_the_copy_that_is_good_and_whole(self):
        old = noise(1, 2000)
        self.writer.write_pack(Blk([old[::-1]], ids=[sha256(old)]))
        self.writer.write_pack(Blk([text(3, 50)]), Blk([old], 2, [text(3, 50)]))
        self.writer.write_pack(Blk([old]))
        self.writer.write_pack(Blk([old[7:]], 2, [old]))
        code, output, _ = self.read("cat", sha256(old[7:]).hex())
        self.assertEqual(output, old[7:])

    def test_of_two_roots_the_later_stands_last(self):
        self.writer.write_manifest(b"a")
        self.writer.write_manifest(b"100 % sure \xff")
        code, output, errors = self.read("roots")
        self.assertEqual((code, errors), (0, ""))
        self.assertIn(b"  name 100 %25 sure %FF\n  written 1790000000000000000\n  payload hello\n", output)


class BadTests(ReaderTest):
    def expect_bad_block(self, block: Blk, complaint: str) -> None:
        """The block is reported, and the ones around it are read."""
        shutil.rmtree(self.folder / "packs", ignore_errors=True)
        self.writer.write_pack(Blk([b"before"]), block, Blk([b"after"]))
        output = self.expect_bad(f"block 1: {complaint}")
        self.assertIn(b"1 packs, 3 blocks, 2 chunks, 11 bytes", output)

    def expect_bad_pack(self, complaint: str, *blocks: Blk, **wrong) -> None:
        """The pack is reported, and another one is read."""
        shutil.rmtree(self.folder / "packs", ignore_errors=True)
        self.writer.write_pack(Blk([b"good"]))
        self.writer.write_pack(*blocks or [Blk([b"bad"])], **wrong)
        self.assertIn(b"1 packs, 1 blocks, 1 chunks, 4 bytes", self.expect_bad(complaint))

    def test_a_base_that_is_a_delta_itself_does_not_count(self):
        one, two, three = noise(1, 900), noise(1, 800), noise(1, 700)
        self.writer.write_pack(Blk([one]), Blk([two], 2, [one]), Blk([three], 2, [two]))
        output = self.expect_bad(f"block 2: there is no good whole copy of base {sha256(two).hex()}")
        self.assertIn(b"2 chunks", output)

    def test_a_block_that_is_its_own_base_is_reported(self):
        self.expect_bad_block(Blk([text(1, 99)], 2, [text(1, 99)]), "there is no good whole copy of base")

    def test_a_base_that_is_missing_is_reported(self):
        self.expect_bad_block(Blk([text(1, 99)], 2, [text(2, 99)]), "there is no good whole copy of base")

    def test_a_wrong_prefix_never_gives_wrong_bytes(self):
        old, other = noise(1, 500), noise(2, 500)
        self.writer.write_pack(Blk([old, other]), Blk([old[9:]], 2, [other], prefix=old))
        self.assertIn(b" 2 chunks", self.expect_bad("block 1: "))

    def test_a_prefix_that_is_too_long_is_reported(self):
        halves = [bytes(2_200_000), bytes(2_200_001)]
        self.writer.write_pack(Blk([b"before"]), Blk([text(1, 99)], 2, halves), Blk(halves, 1))
        self.expect_bad("block 1: a prefix of more than 4 MiB")

    def test_stored_block_of_another_length(self):
        self.expect_bad_block(Blk([b"x"], 0, content=b"xy"), "its length is not its plain length")

    def test_chunk_that_is_not_its_id(self):
        self.writer.write_pack(Blk([b"one", b"two"], ids=[sha256(b"one"), sha256(b"three")]))
        output = self.expect_bad(f"block 0: the bytes at 3 are not those of chunk {sha256(b'three').hex()}")
        self.assertIn(b" 1 chunks", output)
        self.assertEqual(self.read("cat", sha256(b"three").hex())[:2], (1, b""))

    def test_no_frame(self):
        self.expect_bad_block(Blk([text(1, 99)], 1, content=text(1, 99)), "no zstd frame")
        skippable = bytes.fromhex("502a4d1800000000")
        self.expect_bad_block(Blk([text(1, 99)], 1, content=skippable), "no zstd frame")

    def test_frame_without_content_size(self):
        content = zstd(text(1, 99), write_content_size=False)
        self.expect_bad_block(Blk([text(1, 99)], 1, content=content), "the frame's content size")

    def test_frame_of_another_size(self):
        self.expect_bad_block(Blk([text(1, 99)], 1, content=zstd(text(1, 98))), "the frame's content size")

    def test_bytes_after_the_frame(self):
        for tail in (b"!", bytes(3000), zstd(b"")):
            self.expect_bad_block(Blk([text(1, 99)], 1, content=zstd(text(1, 99)) + tail), "bytes after the frame")

    def test_frame_cut_off(self):
        frame = zstd(text(1, 9999))
        for length in (3, 4, 9, len(frame) // 2, len(frame) - 1):
            self.expect_bad_block(Blk([text(1, 9999)], 1, content=frame[:length]), "")

    def test_frame_that_grows_beyond_its_word(self):
        # Content size 99, then blocks that repeat one byte 128 KiB times each.
        bomb = bytes.fromhex("28b52ffd 8058 63000000") + bytes.fromhex("02001000") * 9999
        self.expect_bad_block(Blk([text(1, 99)], 1, content=bomb), "")

    def test_frame_with_a_huge_window(self):
        # No single segment, so that the window is told: 2^28.
        frame = bytes.fromhex("28b52ffd 8090 00001000") + bytes.fromhex("02001000") * 8 + bytes.fromhex("010000")
        block = Blk([bytes(1 << 20)], 1, content=frame)
        self.expect_bad_block(block, "the frame's window is too large")

    def test_frame_that_asks_for_a_dictionary(self):
        frame = bytes.fromhex("28b52ffd 21 07 01 090000 61")
        self.expect_bad_block(Blk([b"a"], 1, content=frame), "the frame asks for a dictionary")

    def test_directory_fields(self):
        self.expect_bad_pack("layout 2 of the directory", layout=2)
        self.expect_bad_pack("number of blocks is 0", blocks=0)
        self.expect_bad_pack("number of blocks is 1048577", blocks=1_048_577)
        self.expect_bad_pack("number of chunks is 4194305", chunks=4_194_305)
        self.expect_bad_pack("number of bases is 4194305", bases=4_194_305)
        self.expect_bad_pack("a directory of ", blocks=1000)
        self.expect_bad_pack("where there are", stored=2**63)
        self.expect_bad_pack("do not add up" if self.sealed else "where there are 8", Blk([b"bad"]), Blk([b"worse"]), stored=3 + 16 * self.sealed)

    def test_block_fields(self):
        self.expect_bad_pack("block 0: plain length is 16777217", Blk([b"bad"], plain_length=16_777_217))
        self.expect_bad_pack("block 0: its chunks' lengths do not add up", Blk([b"bad"], plain_length=4))
        self.expect_bad_pack("block 0: length of a chunk is 8388609", Blk([b"bad"], lengths=[8_388_609]))
        self.expect_bad_pack("block 0: an id stands twice", Blk([b"bad", b"bad"]))
        self.expect_bad_pack("block 0: codec is 3, more than 2", Blk([b"bad"], 3))
        self.expect_bad_pack("block 0: codec 0 with 1 bases", Blk([b"bad"], 0, [b"good"]))
        self.expect_bad_pack("block 0: codec 2 with 0 bases", Blk([b"bad"], 2))
        self.expect_bad_pack("block 0: kind is 2", Blk([b"bad"], kind=2))
        self.expect_bad_pack("block 0: kind is 1", Blk([b"bad"], kind=1), kind=1)

    def test_length_and_version_of_a_pack(self):
        self.expect_bad_pack("format version 2; this program knows 1", version=2)
        self.expect_bad_pack("the directory does not end where the trailer begins", shift=1)
        self.expect_bad_pack("are due" if self.sealed else "where there are", more_filler=bytes(64))

    def test_config_that_is_not_for_us(self):
        self.writer.write_config(version=2)
        self.expect_bad("error: config, at 8: format version 2; this program knows 1")
        self.writer.write_config(features=[b"public-key"])
        self.expect_bad("error: config: the feature public-key must be understood, and is not")
        self.writer.write_config(mode=2)
        self.expect_bad("encryption mode is 2, more than 1")
        self.writer.write_config(again=7)
        self.expect_bad("the encryption mode in the body is another one")

    def test_profile_out_of_bounds(self):
        good = TIERS[0]
        for index, value in ((0, 1), (1, 63), (2, 64), (3, 256), (3, 8_388_609), (4, 41), (4, 5), (5, 0)):
            self.writer.write_config(tiers=[good[:index] + (value,) + good[index + 1 :]])
            self.expect_bad("tier")
        self.writer.write_config(tiers=[good, good])
        self.expect_bad("a tier starts at the wrong place")
        self.writer.write_config(tiers=[])
        self.expect_bad("number of tiers is 0, less than 1")

    def test_manifests(self):
        self.writer.write_manifest(b"good")
        self.writer.write_manifest(layout=2)
        self.assertIn(b"name good", self.expect_bad("layout 2 of the manifest", "roots"))
        self.writer.write_manifest(count=65_537)
        self.expect_bad("number of references is 65537", "roots")
        self.writer.write_manifest(count=9)
        self.expect_bad("kind of a reference is 5", "roots")
        self.writer.write_manifest(b"")
        self.expect_bad("length of the name is 0", "roots")
        self.writer.write_manifest(references=[(0, b"nowhere")])
        self.expect_bad(f"there is no good data chunk {sha256(b'nowhere').hex()}")


class SealedGoodTests(GoodTests):
    sealed = True


class SealedBadTests(BadTests):
    sealed = True

    def test_keys(self):
        key = next((self.folder / "keys").iterdir())
        self.writer.write_key(id=noise(8, 16), name="0" * 32)
        self.expect_good("0 packs, 0 blocks, 0 chunks, 0 bytes, 0 roots")
        self.writer.write_key(name="0" * 32)
        self.expect_bad(f"damaged: keys/{'0' * 32}, at 72: the key in it is {key.name}")
        key.unlink()
        self.expect_bad("no key opens")

    def test_scrypt_that_takes_too_much(self):
        for log_n, r, p, complaint in (
            (23, 8, 1, "out of bounds"), (9, 8, 1, "out of bounds"), (15, 33, 1, "out of bounds"), (15, 8, 65, "out of bounds"),
            (15, 0, 1, "out of bounds"), (22, 8, 1, "too much memory")):
            self.writer.write_key(kind=1, log_n=log_n, r=r, p=p)
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors):
                self.assertEqual(main(["--password", "x", "verify", str(self.folder)]), 1)
            self.assertIn(complaint, errors.getvalue())

    def test_a_block_in_another_place_is_not_taken(self):
        name = self.writer.write_pack(Blk([b"one"]), Blk([b"two"]))
        path = self.folder / "packs/t" / name[:2] / name
        file = path.read_bytes()
        path.write_bytes(file[:48] + file[67:86] + file[48:67] + file[86:])
        self.expect_bad("block 0: authentication failed")
        self.expect_bad("block 1: authentication failed")

    def test_a_directory_of_nonsense_is_not_taken(self):
        self.writer.master = noise(7, 32)
        self.writer.write_pack(Blk([b"one"]))
        self.expect_bad("authentication failed")


class OtherTests(unittest.TestCase):
    def test_padme(self):
        self.assertEqual([padme(n) for n in range(10)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 10])
        self.assertEqual([padme(n) for n in (49, 100, 1000, 1025, 2**30)], [52, 104, 1024, 1088, 2**30])
        for n in range(5000):
            self.assertEqual(padme(padme(n)), padme(n))

    def test_cuts_of_small_streams(self):
        tiers = [Tier(*tier) for tier in TIERS]
        self.assertEqual(list(cuts(b"", bytes(32), tiers)), [])
        self.assertEqual(list(cuts(b"x", bytes(32), tiers)), [(0, 1)])
        stream = noise(1, 9000)
        found = list(cuts(stream, bytes(32), tiers))
        self.assertEqual(sum(length for _, length in found), len(stream))
        self.assertTrue(all(64 <= length <= 1024 for offset, length in found[:-1] if offset < 4096))
        self.assertTrue(all(128 <= length <= 2048 for offset, length in found[:-1] if offset >= 4096))
        # The hash goes back 64 bytes and no further: what is inserted far in front of a cut does not move it.
        moved = {offset + length for offset, length in cuts(noise(2, 100) + stream, bytes(32), tiers)}
        self.assertGreater(len(moved & {offset + length + 100 for offset, length in found}), len(found) // 2)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        sys.exit(write_all_codecs(Writer(Path(sys.argv[3]), sys.argv[2] == "sealed")))
    del ReaderTest
    unittest.main()
