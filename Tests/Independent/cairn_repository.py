"""The folder of a repository: its config and keys, its packs and chunks, its manifests. FORMAT.md, sections 2, 5, 6, 7 and 9."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional

import zstandard

from cairn_records import (
    DIRECTORY_PIECE, PLAIN, SYMMETRIC, Damage, Fields, Record, Refusal, Seal, UnknownVersion, need, padme, printable, read_copy,
    read_header, sha256)

# ---------------------------------------------------------------------------------------------------------------------------------
# 7. Packs: what stands in their directories

DATA, TREE = 0, 1
KIND_NAMES = {DATA: "data", TREE: "tree"}
ZSTD_MAGIC = (0xFD2FB528).to_bytes(4, "little")


@dataclass
class Chunk:
    id: bytes
    length: int
    offset: int  # in the block's plain bytes


@dataclass(eq=False)
class Block:
    pack: Pack
    number: int
    offset: int  # in the file
    stored_length: int
    plain_length: int
    codec: int
    kind: int
    chunks: list[Chunk]
    bases: list[bytes]

    @property
    def name(self) -> str:
        return f"block {self.number}"


@dataclass
class Pack:
    path: Path
    file: str
    seal: Seal
    blocks: list[Block]


def read_directory(fields: Fields, pack: Pack, room: int) -> list[Block]:
    """Reads the directory's content. `room` is the number of bytes between the header and the directory."""
    layout = fields.number(4, "layout of the directory")
    fields.need(layout == 1, f"layout {layout} of the directory; this program knows 1", back=4)
    block_count = fields.number(4, "number of blocks", 1, 1_048_576)
    chunk_count = fields.number(4, "number of chunks", 1, 4_194_304)
    base_count = fields.number(4, "number of bases", 0, 4_194_304)
    stored_sum = fields.number(8, "sum of the stored lengths")
    length = 24 + 20 * block_count + 36 * chunk_count + 32 * base_count
    due = padme(length) if pack.seal.header.envelope == SYMMETRIC else length
    fields.need(len(fields.data) == due, f"a directory of {len(fields.data)} bytes where {due} are due")
    filled = stored_sum == room if pack.seal.header.envelope == PLAIN else stored_sum <= room
    fields.need(filled, f"blocks of {stored_sum} bytes where there are {room}", back=8)

    blocks, offset = [], len(pack.seal.header.raw)
    counts = []
    for number in range(block_count):
        name = f"block {number}"
        stored_length = fields.number(4, f"{name}: stored length", 0, 16_777_216 + 65_536)
        plain_length = fields.number(4, f"{name}: plain length", 0, 16_777_216)
        chunks = fields.number(4, f"{name}: number of chunks", 1, chunk_count)
        bases = fields.number(4, f"{name}: number of bases", 0, 4096)
        codec = fields.number(1, f"{name}: codec", most=2)
        fields.need((bases > 0) == (codec == 2), f"{name}: codec {codec} with {bases} bases", back=1)
        kind = fields.number(1, f"{name}: kind", most=TREE if pack.seal.header.kind == 2 else DATA)
        fields.number(2, f"{name}: zero")
        blocks.append(Block(pack, number, offset, stored_length, plain_length, codec, kind, [], []))
        counts.append((chunks, bases))
        offset += stored_length
    fields.need(offset == len(pack.seal.header.raw) + stored_sum, "the blocks' stored lengths do not add up")
    fields.need(sum(chunks for chunks, _ in counts) == chunk_count, "the blocks' chunks do not add up")
    fields.need(sum(bases for _, bases in counts) == base_count, "the blocks' bases do not add up")

    for block, (chunks, _) in zip(blocks, counts):
        end = 0
        for _ in range(chunks):
            id = fields.bytes(32, "chunk id")
            size = fields.number(4, f"{block.name}: length of a chunk", 0, 8_388_608)
            block.chunks.append(Chunk(id, size, end))
            end += size
        fields.need(end == block.plain_length, f"{block.name}: its chunks' lengths do not add up to its own")
        fields.need(len({chunk.id for chunk in block.chunks}) == chunks, f"{block.name}: an id stands twice")
    for block, (_, bases) in zip(blocks, counts):
        block.bases = [fields.bytes(32, "base") for _ in range(bases)]
    return blocks


def decompress(frame: bytes, prefix: bytes, block: Block) -> bytes:
    """Decodes one zstd frame, and holds it to all that codecs 1 and 2 promise."""

    def frame_need(true: bool, what: str) -> None:
        need(true, block.pack.file, block.offset, f"{block.name}: {what}")

    try:
        frame_need(frame[:4] == ZSTD_MAGIC, "no zstd frame")
        parameters = zstandard.get_frame_parameters(frame)
        frame_need(parameters.content_size == block.plain_length, "the frame's content size is not the block's plain length")
        frame_need(parameters.dict_id == 0, "the frame asks for a dictionary")
        frame_need(parameters.window_size <= 2**27, "the frame's window is too large")
        dictionary = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if prefix else None
        decoder = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=2**27).decompressobj()
        plain = bytearray()
        for at in range(0, len(frame), 1024):  # in steps, so that a frame that grows too large is seen in time
            frame_need(not decoder.eof, "bytes after the frame")
            plain += decoder.decompress(frame[at : at + 1024])
            frame_need(len(plain) <= block.plain_length, "the frame decodes to too many bytes")
        frame_need(decoder.eof, "the frame is not complete")
        frame_need(not decoder.unused_data, "bytes after the frame")
        frame_need(len(plain) == block.plain_length, "the frame decodes to too few bytes")
        return bytes(plain)
    except (zstandard.ZstdError, ValueError, MemoryError) as error:
        raise Damage(block.pack.file, block.offset, f"{block.name}: {error}") from None


# ---------------------------------------------------------------------------------------------------------------------------------
# 9. Manifests


@dataclass
class Root:
    file: str
    written: int
    name: bytes
    references: list[tuple[int, bytes]]
    payload: bytes


def read_root(fields: Fields) -> Root:
    layout = fields.number(1, "layout of the manifest")
    fields.need(layout == 1, f"layout {layout} of the manifest; this program knows 1", back=1)
    written = fields.number(8, "time", signed=True)
    name = fields.bytes(fields.number(2, "length of the name", 1, 1024), "name")
    references = []
    for _ in range(fields.number(4, "number of references", 0, 65_536)):
        kind = fields.number(1, "kind of a reference", most=TREE)
        references.append((kind, fields.bytes(32, "id of a reference")))
    payload = fields.bytes(fields.number(4, "length of the payload", 0, 16_777_216), "payload")
    return Root(fields.file, written, name, references, payload)


# ---------------------------------------------------------------------------------------------------------------------------------
# 2, 5, 6. The folder, its config, its keys


@dataclass
class Tier:
    start: int
    min: int
    normal: int
    max: int
    hard: int
    easy: int


class Repository:
    """A repository that was opened. Opening raises Refusal or Damage; what is damaged later is reported, and skipped."""

    def __init__(self, folder: Path, password: Optional[bytes], key: Optional[bytes], ask=None):
        self.folder, self.damaged = folder, False
        self.password, self.key, self.ask = password, key, ask
        try:
            config, self.master = self.read_record("config", b"CAIRNCFG", (0,)), None
        except UnknownVersion as unknown:
            raise Refusal(str(unknown)) from None
        except (OSError, Damage) as error:
            self.report(error)
            print("config: trying the copies inside the keys", file=sys.stderr)
            self.master, config = self.unlock(None)
        self.read_config(config)

    def report(self, damage: Exception) -> None:
        self.damaged = True
        print(f"damaged: {damage}", file=sys.stderr)

    def names(self, folder: str, shape: str) -> list[str]:
        """Files of the folder whose names have the shape; others are not part of the repository."""
        try:
            found = os.listdir(self.folder / folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            self.report(error)
            return []
        return [f"{folder}/{name}" for name in sorted(found) if re.fullmatch(shape, name)]

    # Records: two copies, of which one is enough.

    def read_record(self, file: str, magic: bytes, kinds: tuple[int, ...]) -> Record:
        path = self.folder / file
        most = 2 * (48 + 8 + 4096 + 33_554_432 + 32 + 4096)
        need(path.stat().st_size <= most, file, most, "longer than any record")
        data = path.read_bytes()
        half = len(data) // 2
        copies, damages = [], []
        for start, which in ((0, "first copy"), (half, "second copy")):
            try:
                copies.append(read_copy(data[start:], file, start, magic, kinds))
            except Damage as damage:
                damages.append((which, damage))
        if not copies:
            raise damages[0][1]
        for which, damage in damages:
            self.report(Exception(f"{damage} ({which}; the other one is good)"))
        x = copies[0].x
        whole = (x + bytes(-len(x) % 4096)) * 2
        if not damages and data != whole:
            at = next((i for i, (a, b) in enumerate(zip(data, whole)) if a != b), min(len(data), len(whole)))
            self.report(Damage(file, at, "the file is not two equal copies padded with zeros"))
        return copies[0]

    # 5. config

    def read_config(self, config: Record) -> None:
        clear = Fields(config.clear, config.file, config.clear_offset)
        self.id = clear.bytes(16, "repository id")
        self.made = clear.number(8, "time", signed=True)
        mode = clear.number(1, "encryption mode", most=SYMMETRIC)
        for _ in range(clear.number(1, "number of features", most=32)):
            feature = clear.bytes(clear.number(1, "length of a feature's name", 1, 64), "name of a feature")
            raise Refusal(f"{config.file}: the feature {printable(feature)} must be understood, and is not")
        if mode == PLAIN and self.names("keys", "[0-9a-f]{32}"):
            raise Refusal(f"{config.file}: not encrypted, yet there are keys: someone replaced it")
        self.envelope = mode
        need(config.header.envelope == mode, config.file, config.clear_offset + 24, "the envelope is not of this encryption mode")
        if mode == SYMMETRIC and self.master is None:
            self.master, _ = self.unlock(self.id)

        content = config.content(self.id, self.master)
        again = content.number(1, "encryption mode in the body")
        content.need(again == mode, "the encryption mode in the body is another one", back=1)
        self.secret = content.bytes(32, "chunker secret")
        self.tiers: list[Tier] = []
        for _ in range(content.number(1, "number of tiers", 1, 16)):
            start = content.number(8, "start of a tier")
            content.need(start > self.tiers[-1].start if self.tiers else start == 0, "a tier starts at the wrong place", back=8)
            smallest, normal, largest = (content.number(4, "length in a tier", 64, 8_388_608) for _ in range(3))
            content.need(smallest < normal < largest, "the lengths of a tier are not in order", back=12)
            hard, easy = (content.number(1, "bits of a tier", 1, 40) for _ in range(2))
            content.need(easy <= hard, "a tier with more easy than hard bits", back=2)
            content.number(2, "zero")
            self.tiers.append(Tier(start, smallest, normal, largest, hard, easy))

    # 6. Keys

    def unlock(self, repository_id: Optional[bytes]) -> tuple[bytes, Record]:
        """The master key, and the copy of the config that stands beside it, from the first key that opens."""
        files = self.names("keys", "[0-9a-f]{32}")
        if not files:
            raise Refusal("there is no key")
        if self.password is None and self.key is None:
            self.password = self.ask()
        for file in files:
            try:
                opened = self.open_key(self.read_record(file, b"CAIRNKEY", (1, 2)), repository_id)
                if opened:
                    return opened
            except (OSError, Damage) as error:
                self.report(error)
        raise Refusal("no key opens with this password or key file")

    def open_key(self, record: Record, repository_id: Optional[bytes]) -> Optional[tuple[bytes, Record]]:
        """The same from one key; none if it is another repository's, or opens with something else."""
        clear = Fields(record.clear, record.file, record.clear_offset)
        id = clear.bytes(16, "repository id")
        if repository_id not in (None, id):
            return None
        name = clear.bytes(16, "key id").hex()
        clear.need(record.file == f"keys/{name}", f"the key in it is {name}", back=16)
        clear.number(8, "time", signed=True)
        log_n = clear.number(1, "log2 N")
        clear.bytes(3, "zero")
        r, p = clear.number(4, "r"), clear.number(4, "p")
        clear.need(record.header.envelope == SYMMETRIC, "a key that is not sealed")
        if record.header.kind == 1:
            if self.password is None:
                return None
            clear.need(10 <= log_n <= 22 and 1 <= r <= 32 and 1 <= p <= 64, "scrypt parameters out of bounds")
            n = 1 << log_n
            clear.need(128 * n * r <= 2**30, "scrypt would take too much memory")
            input_key = hashlib.scrypt(
                self.password, salt=record.header.salt, n=n, r=r, p=p, maxmem=2**31 - 1, dklen=32)
        else:
            if self.key is None:
                return None
            input_key = self.key
        try:
            content = record.content(id, input_key)
        except Damage as damage:
            if "authentication" in str(damage):
                return None
            raise
        master = content.bytes(32, "master key")
        content.bytes(content.number(2, "length of the label", most=1024), "label")
        copy = content.bytes(content.number(4, "length of the config's copy"), "copy of the config")
        return master, read_copy(copy, f"{record.file} (config)", 0, b"CAIRNCFG", (0,))

    # 7. Packs

    @functools.cached_property
    def packs(self) -> list[Pack]:
        """All packs whose directory can be read."""
        packs = []
        for letter, kind in (("d", 1), ("t", 2)):
            for folder in self.names(f"packs/{letter}", "[0-9a-f]{2}"):
                for file in self.names(folder, f"{folder[-2:]}[0-9a-f]{{62}}"):
                    try:
                        packs.append(self.read_pack(file, kind))
                    except (OSError, Damage) as error:
                        self.report(error)
        return packs

    def read_pack(self, file: str, kind: int) -> Pack:
        path = self.folder / file
        size = path.stat().st_size
        need(48 + 40 <= size <= 2**30, file, 0, f"no pack has a length of {size} bytes")
        with open(path, "rb") as stream:
            header = read_header(Fields(stream.read(48), file, 0), b"CAIRNPAK", (kind,))
            need(header.envelope == self.envelope, file, 10, "the envelope is not the repository's")
            stream.seek(size - 40)
            raw = stream.read(40)
            trailer = Fields(raw, file, size - 40)
            offset = trailer.number(8, "offset of the directory", 48)
            length = trailer.number(4, "length of the directory", 0, 2**28)
            trailer.bytes(4, "zero")
            checksum = trailer.bytes(16, "checksum")
            trailer.need(trailer.bytes(8, "magic") == b"CAIRNEND", "the last magic is not CAIRNEND", back=8)
            need(offset + length + 40 == size, file, size - 40, "the directory does not end where the trailer begins")
            stream.seek(offset)
            stored = stream.read(length)
        need(sha256(header.raw, stored, raw[:16])[:16] == checksum, file, size - 24, "the directory's checksum is wrong")
        pack = Pack(path, file, Seal(file, header, self.id, self.master), [])
        content = Fields(pack.seal.open(stored, DIRECTORY_PIECE, offset), file, offset)
        pack.blocks = read_directory(content, pack, offset - 48)
        filler = offset - pack.blocks[-1].offset - pack.blocks[-1].stored_length
        due = padme(size - filler) if self.envelope == SYMMETRIC else size
        need(size == due, file, size, f"a pack of {size} bytes where {due} are due")
        return pack

    def check_pack_name(self, pack: Pack) -> None:
        digest = hashlib.sha256()
        with open(pack.path, "rb") as stream:
            for piece in iter(lambda: stream.read(1 << 20), b""):
                digest.update(piece)
        need(digest.hexdigest() == pack.path.name, pack.file, 0, f"the name is not the file's SHA-256, {digest.hexdigest()}")

    # Blocks and chunks

    @functools.cached_property
    def places(self) -> dict[bytes, list[tuple[Block, Chunk]]]:
        """Where each chunk lies: all its copies."""
        places = defaultdict(list)
        for pack in self.packs:
            for block in pack.blocks:
                for chunk in block.chunks:
                    places[chunk.id].append((block, chunk))
        return places

    def plain(self, block: Block) -> bytes:
        """A block's plain bytes. They prove nothing before the ids of its chunks are checked."""
        file, at = block.pack.file, block.offset
        with open(block.pack.path, "rb") as stream:
            stream.seek(at)
            piece = stream.read(block.stored_length)
        need(len(piece) == block.stored_length, file, at, f"{block.name}: cut off")
        try:
            stored = block.pack.seal.open(piece, block.number, at)
        except Damage:
            raise Damage(file, at, f"{block.name}: authentication failed") from None
        if block.codec == 0:
            need(len(stored) == block.plain_length, file, at, f"{block.name}: its length is not its plain length")
            return stored
        return decompress(stored, self.prefix(block), block)

    def prefix(self, block: Block) -> bytes:
        """The plain bytes of a delta block's bases, end to end; nothing for other blocks."""
        prefix = bytearray()
        for base in block.bases:
            found = self.chunk(base, whole=True)
            need(found is not None, block.pack.file, block.offset, f"{block.name}: there is no good whole copy of base {base.hex()}")
            prefix += found
            need(len(prefix) <= 4_194_304, block.pack.file, block.offset, f"{block.name}: a prefix of more than 4 MiB")
        return bytes(prefix)

    @functools.lru_cache(maxsize=16)
    def recent(self, block: Block) -> bytes:
        """The same, from memory if it was asked for a moment ago."""
        return self.plain(block)

    def chunk(self, id: bytes, whole: bool = False, kind: Optional[int] = None) -> Optional[bytes]:
        """A chunk's bytes, from the first copy that proves its id; none if there is no such copy. With `whole`, copies in delta
        blocks do not count: depth is one. Any copy serves, but where a kind is asked for there must be one of that kind."""
        places = self.places.get(id, [])
        if kind is not None and places and all(block.kind != kind for block, _ in places):
            self.report(Damage(places[0][0].pack.file, places[0][0].offset, f"no {KIND_NAMES[kind]} chunk, but needed as one: {id.hex()}"))
        for block, chunk in places:
            if whole and block.codec == 2:
                continue
            try:
                return self.prove(block, chunk, self.recent(block))
            except (OSError, Damage) as error:
                self.report(error)
        return None

    def prove(self, block: Block, chunk: Chunk, plain: bytes) -> bytes:
        content = plain[chunk.offset : chunk.offset + chunk.length]
        what = f"{block.name}: the bytes at {chunk.offset} are not those of chunk {chunk.id.hex()}"
        need(sha256(content) == chunk.id, block.pack.file, block.offset, what)
        return content

    def chunks(self) -> Iterator[tuple[Block, Chunk, bytes]]:
        """Every chunk of every pack, proved. The packs' names are checked on the way."""
        for pack in self.packs:
            try:
                self.check_pack_name(pack)
            except (OSError, Damage) as error:
                self.report(error)
            for block in pack.blocks:
                try:
                    plain = self.plain(block)
                except (OSError, Damage) as error:
                    self.report(error)
                    continue
                for chunk in block.chunks:
                    try:
                        yield block, chunk, self.prove(block, chunk, plain)
                    except Damage as damage:
                        self.report(damage)

    # 9. Manifests

    def roots(self) -> list[Root]:
        """All manifests that can be read, oldest first: of several with one name the last one counts."""
        roots = []
        for file in self.names("manifests", "[0-9a-f]{64}"):
            try:
                record = self.read_record(file, b"CAIRNMAN", (0,))
                need(record.header.envelope == self.envelope, file, 10, "the envelope is not the repository's")
                root = read_root(record.content(self.id, self.master))
                padded = record.x + bytes(-len(record.x) % 4096)
                if sha256(padded, padded).hex() != file[-64:]:
                    self.report(Damage(file, 0, "the name is not the file's SHA-256"))
                roots.append(root)
            except (OSError, Damage) as error:
                self.report(error)
        return sorted(roots, key=lambda root: (root.written, root.file))
