"""Snapshots: manifests whose payload tells of a tree. FORMAT.md, section 14."""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from datetime import datetime, timezone

from cairn_merkle import is_below, root_of
from cairn_records import Damage, Refusal, need, printable
from cairn_repository import DATA, TREE, Repository, Root
from cairn_restore import Restore, linked, walk
from cairn_trees import DIRECTORY, FILE, Entry, Tree

LETTERS = "?-dlpscb"


class LaterVersion(Refusal):
    """A manifest that a newer program wrote."""


def moment(text: str) -> int:
    """Unix nanoseconds of a time in RFC 3339."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", text)
    if not match:
        raise ValueError(f"{text} is no time")
    zone = "+00:00" if match[3] == "Z" else match[3]
    since = datetime.fromisoformat(match[1] + zone) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (since.days * 86_400 + since.seconds) * 10**9 + int((match[2] or ".0")[1:].ljust(9, "0"))


def hex32(text: str) -> bytes:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError(f"{text} is not 64 lower-case hex digits")
    return bytes.fromhex(text)


class Snapshot:
    """A snapshot, by its root, whose name is a snapshot's."""

    def __init__(self, root: Root):
        self.file, self.written = root.file, root.written
        try:
            self.read(json.loads(root.payload.decode("utf-8")), root)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise Damage(root.file, 0, f"the payload is not that of a snapshot: {error!r}") from None

    def read(self, facts: dict, root: Root) -> None:
        if facts["format"] > 1:
            raise LaterVersion(f"{root.file}: format {facts['format']} of the manifest; this program knows 1")
        self.id = facts["snapshot_id"]
        self.must(self.id == root.name.decode("ascii"), "snapshot_id is not the root's name")
        self.time = moment(facts["time"])
        self.must(facts["strategy"] in ("full", "incremental", "differential"), "an unknown strategy")
        self.supersedes = facts.get("supersedes")
        self.root_hash, self.tree = hex32(facts["root_hash"]), hex32(facts["tree"])
        errors = [(DATA, hex32(id)) for id in facts.get("error_list", [])]
        self.must(root.references == [(TREE, self.tree)] + errors, "the root does not refer to the tree and the error list")
        self.must(facts.get("error_count", 0) >= len(facts.get("errors", [])), "more errors than error_count says")
        exact = facts.get("paths_base64", [None] * len(facts["paths"]))
        self.must(len(exact) == len(facts["paths"]), "paths_base64 is not beside paths")
        self.paths = [
            path.encode() if exact[i] is None else base64.b64decode(exact[i], validate=True)
            for i, path in enumerate(facts["paths"])]
        for path in self.paths:
            self.must(path.startswith(b"/") and 0 not in path, "a path that is not absolute")
            parts = path[1:].split(b"/")
            self.must(path == b"/" or not {b"", b".", b".."} & set(parts), "a path that is not the shortest")
            inside = [other for other in self.paths if other != path and is_below(path, other)]
            self.must(not inside, "a source inside another")
        self.must(self.paths == sorted(set(self.paths)), "paths are not sorted")

    def must(self, true: bool, what: str) -> None:
        need(true, self.file, 0, what)


def snapshots(repository: Repository) -> list[Snapshot]:
    """All that count, in their order."""
    found: dict[str, Snapshot] = {}
    read = []
    for root in repository.roots():
        if not re.fullmatch(b"[0-9a-f]{32}", root.name):
            continue
        try:
            read.append(Snapshot(root))
        except Damage as damage:
            repository.report(damage)
    hidden = {snapshot.supersedes for snapshot in read}
    for snapshot in read:  # by the time at which their roots were written: the last one stays
        if snapshot.file[-64:] not in hidden:
            found[snapshot.id] = snapshot
    return sorted(found.values(), key=lambda snapshot: (snapshot.time, snapshot.id))


def choose(repository: Repository, prefix: str) -> Snapshot:
    chosen = [snapshot for snapshot in snapshots(repository) if snapshot.id.startswith(prefix)]
    if len(chosen) != 1:
        raise Refusal(f"{len(chosen)} snapshots have an id that begins with {prefix}")
    return chosen[0]


def tree_of(repository: Repository, snapshot: Snapshot) -> Tree:
    return Tree(snapshot.tree, lambda kind, id: repository.chunk(id, kind=kind))


def stored_root(tree: Tree, paths: list[bytes]) -> bytes:
    """The Merkle root of a stored tree, whose directories are proved on the way."""
    sources: dict[bytes, Entry] = {}
    groups: dict[int, set[bytes]] = defaultdict(set)
    first = {}
    for path, entry, is_before in walk(tree):
        if not is_before:
            continue
        if path in paths:
            sources[path] = entry
        if entry.link_group is not None:
            linked(first, path, entry)
            groups[entry.link_group].add(path)
    for path in paths:
        need(path in sources, printable(path), 0, "a source that is not in the tree")
    return root_of(sources, list(groups.values()))


def command_snapshots(repository: Repository) -> None:
    for snapshot in snapshots(repository):
        print(snapshot.id)
        print(f"  root {snapshot.root_hash.hex()}")
        for path in snapshot.paths:
            print(f"  path {printable(path)}")


def command_ls(repository: Repository, prefix: str) -> None:
    """Kind and mode, owner, size or device, time, path, and what proves it."""
    for path, entry, is_before in walk(tree_of(repository, choose(repository, prefix))):
        if not is_before:
            continue
        proof = entry.sha256.hex() if entry.kind == FILE else entry.merkle.hex() if entry.kind == DIRECTORY else ""
        target = f" -> {printable(entry.target)}" if entry.target else ""
        size = "{},{}".format(*entry.device) if LETTERS[entry.kind] in "cb" else str(entry.size)
        print(
            f"{LETTERS[entry.kind]}{entry.mode:04o} {entry.user}:{entry.group} {size} {entry.time} {proof or '-'} "
            f"{printable(path)}{target}")


def command_restore(repository: Repository, prefix: str, target: bytes) -> None:
    snapshot = choose(repository, prefix)
    tree = tree_of(repository, snapshot)
    Restore(tree, target, repository.report).run()
    check_root(snapshot, stored_root(tree, snapshot.paths))


def command_merkle_tree(repository: Repository, prefix: str) -> None:
    snapshot = choose(repository, prefix)
    root = stored_root(tree_of(repository, snapshot), snapshot.paths)
    check_root(snapshot, root)
    print(root.hex())


def check_root(snapshot: Snapshot, root: bytes) -> None:
    said = snapshot.root_hash.hex()
    need(root == snapshot.root_hash, snapshot.file, 0, f"root_hash is {said}, but the tree's is {root.hex()}")
