"""Merkle digests: what a snapshot proves, computed from its stored tree or from folders on the disk. FORMAT.md, section 13."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import Iterator, Optional

from cairn_trees import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, SOCKET, Entry

KINDS = {
    stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: LINK, stat.S_IFIFO: FIFO, stat.S_IFSOCK: SOCKET,
    stat.S_IFCHR: CHARACTER, stat.S_IFBLK: BLOCK,
}
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def u32(number: int) -> bytes:
    return number.to_bytes(4, "little")


def text(value: bytes) -> bytes:
    return u32(len(value)) + value


def is_covered(attribute: bytes) -> bool:
    return attribute.startswith(b"user.") or attribute in (
        b"system.posix_acl_access", b"system.posix_acl_default", b"security.capability")


def record(entry: Entry, name: Optional[bytes] = None) -> bytes:
    """What an entry adds to the digest of its directory; with another name if one is given."""
    covered = sorted(pair for pair in entry.attributes if is_covered(pair[0]))
    attributes = hashlib.sha256(b"".join(text(name) + text(value) for name, value in covered)).digest()
    own = b""
    if entry.kind == FILE:
        own = entry.size.to_bytes(8, "little") + entry.sha256
    elif entry.kind == DIRECTORY:
        own = entry.merkle
    elif entry.kind == LINK:
        own = text(entry.target)
    elif entry.kind in (CHARACTER, BLOCK):
        own = u32(entry.device[0]) + u32(entry.device[1])
    return (
        bytes([entry.kind]) + text(entry.name if name is None else name) + u32(entry.mode) + u32(entry.user)
        + u32(entry.group) + entry.seconds.to_bytes(8, "little", signed=True) + u32(entry.nanoseconds)
        + (attributes if covered else bytes(32)) + own)


def digest_of_directory(records: list[bytes]) -> bytes:
    return hashlib.sha256(b"cairn-directory-1" + b"".join(records)).digest()


def is_below(path: bytes, source: bytes) -> bool:
    return path == source or path.startswith(source.rstrip(b"/") + b"/")


def root_of(sources: dict[bytes, Entry], groups: list[set[bytes]]) -> bytes:
    """The root of sources by their absolute paths, and of groups of absolute paths that are one file."""
    paths = sorted(sources)
    digest = hashlib.sha256(b"cairn-root-1" + u32(len(paths)))
    for path in paths:
        digest.update(record(sources[path], b""))
    placed = []
    for group in groups:
        places = []
        for path in group:
            index = next((i for i, source in enumerate(paths) if is_below(path, source)), None)
            if index is not None:
                places.append((index, path[len(paths[index].rstrip(b"/")) :].lstrip(b"/")))
        if len(places) > 1:
            placed.append(sorted(places))
    digest.update(u32(len(placed)))
    for places in sorted(placed):
        digest.update(u32(len(places)))
        for index, path in places:
            digest.update(u32(index) + text(path))
    return digest.digest()


# ---------------------------------------------------------------------------------------------------------------------------------
# Folders on the disk


def live_entry(folder: int, name: bytes) -> tuple[Entry, os.stat_result]:
    """What the disk says of a name in an open folder; of a directory not yet its digest."""
    facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    seconds, nanoseconds = divmod(facts.st_mtime_ns, 10**9)
    kind = KINDS[stat.S_IFMT(facts.st_mode)]
    entry = Entry(
        kind, name, facts.st_mode & 0o7777, facts.st_uid, facts.st_gid, b"", b"", seconds, nanoseconds,
        facts.st_size if kind == FILE else 0)
    place = b"/proc/self/fd/%d/" % folder + name
    entry.attributes = sorted(
        (os.fsencode(attribute), os.getxattr(place, attribute, follow_symlinks=False))
        for attribute in os.listxattr(place, follow_symlinks=False) if is_covered(os.fsencode(attribute)))
    if kind == FILE:
        with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as stream:
            digest = hashlib.sha256()
            for piece in iter(lambda: stream.read(1 << 20), b""):
                digest.update(piece)
        entry.sha256 = digest.digest()
    elif kind == LINK:
        entry.target = os.readlink(name, dir_fd=folder)
    elif kind in (CHARACTER, BLOCK):
        entry.device = (os.major(facts.st_rdev), os.minor(facts.st_rdev))
    return entry, facts


@dataclass
class OpenDirectory:
    entry: Entry
    path: bytes
    names: Iterator[bytes]
    records: list[bytes] = field(default_factory=list)


def names_in(folder: int) -> Iterator[bytes]:
    return iter(sorted(os.fsencode(name) for name in os.listdir(folder)))


def live_source(path: bytes, inodes: dict[tuple[int, int], set[bytes]]) -> Entry:
    """The entry of a folder or file on the disk. Only one folder is open at a time, so that no depth is too great."""
    parent, name = os.path.split(path.rstrip(b"/"))
    folder = os.open(parent or b"/", os.O_RDONLY | os.O_DIRECTORY)
    stack: list[OpenDirectory] = []
    try:
        next_name: Optional[bytes] = name or b"."
        here = parent
        while True:
            if next_name is not None:
                entry, facts = live_entry(folder, next_name)
                where = here.rstrip(b"/") + b"/" + next_name if next_name != b"." else b"/"
                if entry.kind == DIRECTORY:
                    inner = os.open(next_name, FOLDER_FLAGS, dir_fd=folder)
                    os.close(folder)
                    folder, here = inner, where
                    stack.append(OpenDirectory(entry, where, names_in(folder)))
                else:
                    if facts.st_nlink > 1:
                        inodes.setdefault((facts.st_dev, facts.st_ino), set()).add(where)
                    if not stack:
                        return entry
                    stack[-1].records.append(record(entry))
            else:
                done = stack.pop()
                done.entry.merkle = digest_of_directory(done.records)
                if not stack:
                    return done.entry
                outer = os.open(b"..", FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder, here = outer, stack[-1].path
                stack[-1].records.append(record(done.entry))
            next_name = next(stack[-1].names, None)
    finally:
        os.close(folder)


def live_root(paths: list[bytes]) -> bytes:
    inodes: dict[tuple[int, int], set[bytes]] = {}
    # A path that begins with two slashes is another one to POSIX, not to Linux.
    absolute = {b"/" + os.path.abspath(path).lstrip(b"/") for path in paths}
    outer = [path for path in absolute if not any(path != other and is_below(path, other) for other in absolute)]
    sources = {path: live_source(path, inodes) for path in outer}
    return root_of(sources, list(inodes.values()))
