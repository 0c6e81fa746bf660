"""Trees: how a snapshot's directories and files are found in its chunks. FORMAT.md, section 12."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Iterator, Optional

from cairn_records import Damage, Fields, sha256
from cairn_repository import DATA, TREE

FILE, DIRECTORY, LINK, FIFO, SOCKET, CHARACTER, BLOCK = range(1, 8)
HAS_DIGEST, HAS_HOLES, IS_LINKED, HAS_ATTRIBUTES = 1, 2, 4, 8
EMPTY, INLINE, CHUNKS, LISTS = range(4)


@dataclass
class Content:
    """Where bytes are: themselves, or a list of chunks, or a list of lists."""

    form: int = EMPTY
    inline: bytes = b""
    depth: int = 0
    parts: list[tuple[bytes, int]] = field(default_factory=list)  # id and length

    @property
    def length(self) -> int:
        return len(self.inline) if self.form == INLINE else sum(length for _, length in self.parts)


@dataclass
class Entry:
    kind: int
    name: bytes
    mode: int
    user: int
    group: int
    user_name: bytes
    group_name: bytes
    seconds: int
    nanoseconds: int
    size: int
    content: Content = field(default_factory=Content)  # of files and directories
    sha256: bytes = b""  # of files
    holes: Optional[Content] = None
    merkle: bytes = b""  # of directories
    target: bytes = b""  # of symbolic links
    device: tuple[int, int] = (0, 0)
    link_group: Optional[int] = None
    attributes: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def time(self) -> int:
        """Unix nanoseconds."""
        return self.seconds * 10**9 + self.nanoseconds


def read_parts(fields: Fields, count: int, width: int) -> list[tuple[bytes, int]]:
    return [(fields.bytes(32, "id of a part"), fields.number(width, "length of a part", 1)) for _ in range(count)]


def read_content(fields: Fields) -> Content:
    form = fields.number(1, "form of a content", most=LISTS)
    if form == INLINE:
        return Content(form, inline=fields.bytes(fields.number(4, "length of an inline content", 1, 65_536), "content"))
    if form == CHUNKS:
        return Content(form, parts=read_parts(fields, fields.number(2, "number of chunks", 1, 64), 4))
    if form == LISTS:
        depth = fields.number(1, "depth of lists", 1, 4)
        return Content(form, depth=depth, parts=read_parts(fields, fields.number(2, "number of lists", 1, 64), 8))
    return Content()


def read_entry(fields: Fields, is_root: bool) -> Entry:
    length = fields.number(4, "length of an entry", most=8_388_000)
    fields = Fields(fields.bytes(length, "entry"), fields.file, fields.start + fields.at - length)
    kind = fields.number(1, "kind of an entry", FILE, BLOCK)
    flags = fields.number(1, "flags of an entry", most=15)
    fields.need(kind == FILE or not flags & (HAS_DIGEST | HAS_HOLES), "a digest or holes of what is no file", back=1)
    fields.need(kind != DIRECTORY or not flags & IS_LINKED, "a directory with hard links", back=1)
    name = fields.bytes(fields.number(2, "length of a name", 1, 4096), "name")
    if is_root:
        fields.need(name == b"/" and kind == DIRECTORY, "the root is not the directory /")
    else:
        fields.need(name not in (b".", b"..") and not set(name) & {0x2F, 0}, "a name that is none")
    mode = fields.number(4, "mode", most=0o7777)
    user, group = fields.number(4, "user id"), fields.number(4, "group id")
    user_name = fields.bytes(fields.number(1, "length of a user's name"), "user's name")
    group_name = fields.bytes(fields.number(1, "length of a group's name"), "group's name")
    seconds = fields.number(8, "seconds", signed=True)
    nanoseconds = fields.number(4, "nanoseconds", most=999_999_999)
    size = fields.number(8, "size")
    entry = Entry(kind, name, mode, user, group, user_name, group_name, seconds, nanoseconds, size)
    fields.need(kind == FILE or size == 0, "a size of what is no file")

    if kind == FILE:
        entry.content = read_content(fields)
        fields.need(entry.content.length == size, f"a content of {entry.content.length} bytes in a file of {size}")
        only = entry.content.form == CHUNKS and len(entry.content.parts) == 1
        says_it = only or entry.content.form == EMPTY
        fields.need(says_it == (not flags & HAS_DIGEST), "a SHA-256 that the content says itself, or none where it does not")
        if only:
            entry.sha256 = entry.content.parts[0][0]
        else:
            entry.sha256 = sha256() if says_it else fields.bytes(32, "SHA-256")
        if flags & HAS_HOLES:
            entry.holes = read_content(fields)
            fields.need(entry.holes.form != EMPTY, "holes where there are none")
    elif kind == DIRECTORY:
        entry.merkle = fields.bytes(32, "Merkle digest")
        entry.content = read_content(fields)
    elif kind == LINK:
        entry.target = fields.bytes(fields.number(2, "length of a target", 1, 4096), "target")
    elif kind in (CHARACTER, BLOCK):
        entry.device = (fields.number(4, "major"), fields.number(4, "minor"))

    if flags & IS_LINKED:
        entry.link_group = fields.number(8, "number of a hard-link group")
    if flags & HAS_ATTRIBUTES:
        for _ in range(fields.number(2, "number of attributes", 1)):
            attribute = fields.bytes(fields.number(1, "length of an attribute's name", 1), "name of an attribute")
            fields.need(0 not in attribute, "a NUL in an attribute's name")
            last = entry.attributes[-1][0] if entry.attributes else b""
            fields.need(attribute > last, "attributes are not sorted")
            value = fields.bytes(fields.number(4, "length of a value", 0, 65_536), "value of an attribute")
            entry.attributes.append((attribute, value))
    return entry


class Tree:
    """The tree of one snapshot. `chunk` gives a chunk's proven bytes by kind and id, or none where no good copy is."""

    def __init__(self, root: bytes, chunk: Callable[[int, bytes], Optional[bytes]]):
        self.chunk = chunk
        fields = self.fields(TREE, root)
        self.root = read_entry(fields, is_root=True)
        fields.need(fields.at == len(fields.data), "bytes after the root's only entry")

    def fields(self, kind: int, id: bytes) -> Fields:
        found = self.chunk(kind, id)
        if found is None:
            raise Damage(f"chunk {id.hex()}", 0, "there is no good copy of it")
        return Fields(found, f"chunk {id.hex()}", 0)

    def pieces(self, content: Content, kind: int) -> Iterator[Fields]:
        """A content's bytes, chunk by chunk. `kind` is that of the chunks; lists are always trees."""
        if content.form == INLINE:
            yield Fields(content.inline, "an inline content", 0)
        elif content.form == CHUNKS:
            yield from self.leaves(content.parts, kind)
        elif content.form == LISTS:
            yield from self.below(content.parts, content.depth, kind)

    def below(self, lists: list[tuple[bytes, int]], depth: int, kind: int) -> Iterator[Fields]:
        width = 4 if depth == 1 else 8
        for id, length in lists:
            fields = self.fields(TREE, id)
            count, rest = divmod(len(fields.data), 32 + width)
            fields.need(rest == 0 and 1 <= count <= 4096, f"a list of {len(fields.data)} bytes")
            parts = read_parts(fields, count, width)
            fields.need(sum(part for _, part in parts) == length, "a list's lengths do not add up")
            yield from self.leaves(parts, kind) if depth == 1 else self.below(parts, depth - 1, kind)

    def leaves(self, parts: list[tuple[bytes, int]], kind: int) -> Iterator[Fields]:
        for id, length in parts:
            fields = self.fields(kind, id)
            fields.need(len(fields.data) == length, f"a chunk of {len(fields.data)} bytes where {length} are due")
            yield fields

    def entries(self, directory: Entry) -> Iterator[Entry]:
        last = b""
        for page in self.pieces(directory.content, TREE):
            while page.at < len(page.data):
                entry = read_entry(page, is_root=False)
                page.need(entry.name > last, "names are not sorted, or one stands twice")
                last = entry.name
                yield entry

    def bytes(self, file: Entry) -> Iterator[bytes]:
        for piece in self.pieces(file.content, DATA):
            yield piece.data

    def holes(self, file: Entry) -> list[tuple[int, int]]:
        """Where holes begin and where they end."""
        if not file.holes:
            return []
        packed = b"".join(piece.data for piece in self.pieces(file.holes, TREE))
        fields, holes, last = Fields(packed, f"holes of {file.name!r}", 0), [], 0
        while fields.at < len(packed):
            start, length = fields.number(8, "offset of a hole"), fields.number(8, "length of a hole", 1)
            apart = start > last or not holes
            fields.need(apart and start + length <= file.size, "holes touch, overlap or leave the file", back=16)
            last = start + length
            holes.append((start, last))
        return holes
