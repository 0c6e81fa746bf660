"""Snapshots: manifests whose payload tells of a tree. FORMAT.md, the section on manifests of snapshots."""

from __future__ import annotations

import base64
import json
from collections import defaultdict

from cairn_merkle import root_of
from cairn_records import Damage, Refusal, need, printable
from cairn_repository import TREE, Repository, Root
from cairn_restore import Restore, linked, walk
from cairn_trees import DIRECTORY, FILE, Entry, Tree

LETTERS = "?-dlpscb"


class Snapshot:
    """A snapshot, by its manifest."""

    def __init__(self, root: Root):
        self.id, self.file = root.file[-64:], root.file
        is_one = len(root.references) == 1 and root.references[0][0] == TREE
        need(is_one, root.file, 0, "a snapshot refers to one tree chunk and to nothing else")
        self.tree = root.references[0][1]
        try:
            facts = json.loads(root.payload.decode("utf-8"))
            self.root_hash = facts["root_hash"]
            exact = facts.get("paths_base64", [None] * len(facts["paths"]))
            self.paths = [
                base64.b64decode(exact[i], validate=True) if exact[i] is not None else path.encode()
                for i, path in enumerate(facts["paths"])]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise Damage(root.file, 0, f"the payload is not that of a snapshot: {error}") from None
        self.facts = facts


def snapshots(repository: Repository) -> list[Snapshot]:
    """All that can be read, oldest first."""
    found = []
    for root in repository.roots():
        try:
            found.append(Snapshot(root))
        except Damage as damage:
            repository.report(damage)
    return found


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
        print(f"  root {snapshot.root_hash}")
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
    need(root.hex() == snapshot.root_hash, snapshot.file, 0, f"root_hash is {snapshot.root_hash}, but the tree's is {root.hex()}")
