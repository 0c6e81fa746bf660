"""Lays a snapshot's tree out below a folder, with all that the tree says of each file, and proves every digest on the way."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Callable, Iterator, Optional

from cairn_merkle import FOLDER_FLAGS, digest_of_directory, record
from cairn_records import Damage, need, printable
from cairn_trees import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, SOCKET, Entry, Tree

NODES = {FIFO: stat.S_IFIFO, SOCKET: stat.S_IFSOCK, CHARACTER: stat.S_IFCHR, BLOCK: stat.S_IFBLK}


@dataclass
class Visit:
    """A directory that a walk is in."""

    entry: Entry
    path: bytes
    entries: Iterator[Entry]
    records: list[bytes] = field(default_factory=list)


def walk(tree: Tree) -> Iterator[tuple[bytes, Entry, bool]]:
    """Every entry with its absolute path, directories twice: before what is in them (true) and after it (false). Digests of
    directories are held to what the entry says. No recursion: a tree may have thousands of levels."""
    stack = [Visit(tree.root, b"/", tree.entries(tree.root))]
    yield b"/", tree.root, True
    while stack:
        here = stack[-1]
        entry = next(here.entries, None)
        if entry is None:
            need(digest_of_directory(here.records) == here.entry.merkle, printable(here.path), 0, "the Merkle digest is wrong")
            stack.pop()
            yield here.path, here.entry, False
            continue
        here.records.append(record(entry))
        path = here.path.rstrip(b"/") + b"/" + entry.name
        yield path, entry, True
        if entry.kind == DIRECTORY:
            stack.append(Visit(entry, path, tree.entries(entry)))


def linked(found: dict[int, tuple[bytes, Entry]], path: bytes, entry: Entry) -> Optional[bytes]:
    """The path of the same file that was met first; none if this is it."""
    first, other = found.setdefault(entry.link_group, (path, entry))
    same = record(other, b"") == record(entry, b"") and other.attributes == entry.attributes
    need(same, printable(path), 0, "hard links of one group are not the same file")
    return None if first == path else first


class Restore:
    """Restores into one folder. One folder is open at a time, and names are always relative to it: no path is too long."""

    def __init__(self, tree: Tree, target: bytes, report: Callable[[Exception], None]):
        self.tree, self.target, self.report = tree, target, report
        self.unable: dict[str, int] = defaultdict(int)
        self.here = -1

    def run(self) -> None:
        os.makedirs(self.target, exist_ok=True)
        links: dict[int, tuple[bytes, Entry]] = {}
        self.here = os.open(self.target, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for path, entry, is_before in walk(self.tree):
                if entry.kind == DIRECTORY:
                    self.enter(path, entry) if is_before else self.leave(path, entry)
                    continue
                first = linked(links, path, entry) if entry.link_group is not None else None
                if first is not None:
                    self.link(first, entry)
                elif entry.kind == FILE:
                    self.file(path, entry)
                else:
                    self.node(entry)
        finally:
            os.close(self.here)
        for what, count in self.unable.items():
            print(f"not restored: {what}, {count} times", file=sys.stderr)

    # Directories

    def enter(self, path: bytes, entry: Entry) -> None:
        if path != b"/":
            os.mkdir(entry.name, 0o700, dir_fd=self.here)
            inner = os.open(entry.name, FOLDER_FLAGS, dir_fd=self.here)
            os.close(self.here)
            self.here = inner

    def leave(self, path: bytes, entry: Entry) -> None:
        # The way up first: afterwards the folder may be closed to us.
        outer = os.open(b"..", FOLDER_FLAGS, dir_fd=self.here) if path != b"/" else os.dup(self.here)
        self.describe(self.here, entry)
        os.close(self.here)
        self.here = outer

    # Files

    def file(self, path: bytes, entry: Entry) -> None:
        descriptor = os.open(entry.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self.here)
        try:
            holes, digest, offset = self.tree.holes(entry), hashlib.sha256(), 0
            for piece in self.tree.bytes(entry):
                digest.update(piece)
                self.write(path, descriptor, piece, offset, holes)
                offset += len(piece)
            need(digest.digest() == entry.sha256, printable(path), 0, "the SHA-256 of the file is wrong")
            os.ftruncate(descriptor, entry.size)
            self.describe(descriptor, entry)
        except Damage as damage:
            # Without this file, but with the others.
            self.report(Damage(printable(path), 0, f"not restored: {damage}"))
            os.unlink(entry.name, dir_fd=self.here)
        finally:
            os.close(descriptor)

    def write(self, path: bytes, descriptor: int, piece: bytes, offset: int, holes: list[tuple[int, int]]) -> None:
        """Writes what of a piece lies in no hole."""
        end, at = offset + len(piece), offset
        while at < end:
            while holes and holes[0][1] <= at:
                holes.pop(0)
            start, stop = holes[0] if holes else (end, end)
            if start <= at:
                part = piece[at - offset : min(stop, end) - offset]
                need(part.count(0) == len(part), printable(path), at, "a hole whose bytes are not zeros")
            else:
                part = piece[at - offset : min(start, end) - offset]
                os.pwrite(descriptor, part, at)
            at += len(part)

    # Everything else

    def node(self, entry: Entry) -> None:
        if entry.kind == LINK:
            os.symlink(entry.target, entry.name, dir_fd=self.here)
        else:
            device = os.makedev(*entry.device) if entry.kind in (CHARACTER, BLOCK) else 0
            try:
                os.mknod(entry.name, NODES[entry.kind] | 0o600, device, dir_fd=self.here)
            except PermissionError:
                self.unable["devices"] += 1
                return
        self.describe(None, entry)

    def link(self, first: bytes, entry: Entry) -> None:
        folder = os.open(self.target, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            *above, name = first[1:].split(b"/")
            for part in above:
                inner = os.open(part, FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder = inner
            os.link(name, entry.name, src_dir_fd=folder, dst_dir_fd=self.here, follow_symlinks=False)
        except FileNotFoundError:
            self.unable["hard links to what was not restored"] += 1
        finally:
            os.close(folder)

    def describe(self, descriptor: Optional[int], entry: Entry) -> None:
        """Owner, attributes, mode, time, in this order: a new owner takes capabilities and some bits of the mode away, and a list of
        rights changes the mode. What is not open is found by its name."""
        how = {} if descriptor is not None else {"dir_fd": self.here, "follow_symlinks": False}
        file = descriptor if descriptor is not None else entry.name
        self.attempt("owners", lambda: os.chown(file, entry.user, entry.group, **how))
        for name, value in entry.attributes:
            place = descriptor if descriptor is not None else b"/proc/self/fd/%d/" % self.here + entry.name
            follow = {} if descriptor is not None else {"follow_symlinks": False}
            self.attempt(f"attribute {printable(name)}", lambda: os.setxattr(place, name, value, **follow))
        if entry.kind != LINK:
            # No link by now: a chmod that follows none is nothing that Linux has.
            where = {} if descriptor is not None else {"dir_fd": self.here}
            self.attempt("modes", lambda: os.chmod(file, entry.mode, **where))
        os.utime(file, ns=(entry.time, entry.time), **how)

    def attempt(self, what: str, body) -> None:
        try:
            body()
        except OSError as error:
            self.unable[f"{what} ({error.strerror})"] += 1
