#!/usr/bin/env python3
"""Reads a Cairn repository without Cairn.

This program was written from FORMAT.md alone; the section numbers below are those of that document. It is a second opinion, a piece
of documentation, and the way out should the first program ever be lost. It only reads, checks all that it reads, and prefers the
obvious to the fast. It needs Python 3.9 and two modules (Debian: python3-zstandard, python3-cryptography).

    cairn_reader.py [KEY] list FOLDER              packs, their blocks, their chunks
    cairn_reader.py [KEY] verify FOLDER            decode every chunk of every pack and prove it; see that roots refer to chunks
    cairn_reader.py [KEY] chunks FOLDER --out DIR  the same, and write each chunk to DIR/<id>
    cairn_reader.py [KEY] roots FOLDER             manifests: name, references, payload
    cairn_reader.py [KEY] cat FOLDER ID            one chunk to standard output
    cairn_reader.py [KEY] cut FOLDER FILE          offset, length and id of the chunks that FILE would be cut into
    cairn_reader.py [KEY] snapshots FOLDER         snapshots: id, Merkle root, sources
    cairn_reader.py [KEY] ls FOLDER SNAP           everything in a snapshot; SNAP is the beginning of its id
    cairn_reader.py [KEY] restore FOLDER SNAP DIR  a whole snapshot below DIR, with owners, modes, times, attributes, links, holes
    cairn_reader.py [KEY] merkle-tree FOLDER SNAP  a snapshot's Merkle root, computed from its tree and held to its manifest
    cairn_reader.py merkle DIR...                  the Merkle root that a snapshot of these folders or files would have

KEY is --password-file FILE, --key-file FILE or --password TEXT; without it the password of an encrypted repository is asked for.
Damage is reported on standard error, as `damaged: file, at offset: what`, and skipped. The exit code is 0 if there was none, 1 if
there was some or the repository cannot be opened, 2 if the command line is wrong.
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
from pathlib import Path
from typing import Optional

from cairn_chunking import cuts
from cairn_merkle import live_root
from cairn_records import Damage, Refusal, printable, sha256
from cairn_repository import KIND_NAMES, Repository
from cairn_snapshots import command_ls, command_merkle_tree, command_restore, command_snapshots


def command_list(repository: Repository) -> None:
    for pack in repository.packs:
        print(f"pack {pack.file}")
        for block in pack.blocks:
            print(
                f"  block {block.number} at {block.offset}: {KIND_NAMES[block.kind]}, codec {block.codec}, "
                f"{block.stored_length} bytes stored, {block.plain_length} plain")
            for base in block.bases:
                print(f"    base {base.hex()}")
            for chunk in block.chunks:
                print(f"    chunk {chunk.id.hex()} {chunk.length}")


def command_verify(repository: Repository, out: Optional[Path] = None) -> None:
    if out:
        out.mkdir(parents=True, exist_ok=True)
    count, size, proved = 0, 0, set()
    for block, chunk, content in repository.chunks():
        count, size = count + 1, size + chunk.length
        proved.add((block.kind, chunk.id))
        if out:
            (out / chunk.id.hex()).write_bytes(content)
    roots = repository.roots()
    for root in roots:
        for kind, id in root.references:
            if (kind, id) not in proved:
                repository.report(Exception(f"{root.file}: there is no good {KIND_NAMES[kind]} chunk {id.hex()}"))
    blocks = sum(len(pack.blocks) for pack in repository.packs)
    print(f"{len(repository.packs)} packs, {blocks} blocks, {count} chunks, {size} bytes, {len(roots)} roots")


def command_roots(repository: Repository) -> None:
    for root in repository.roots():
        print(root.file)
        print(f"  name {printable(root.name)}")
        print(f"  written {root.written}")
        for kind, id in root.references:
            print(f"  {KIND_NAMES[kind]} {id.hex()}")
        print(f"  payload {printable(root.payload)}")


def command_cat(repository: Repository, text: str) -> None:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise Refusal("an id is 64 lower-case hex digits")
    content = repository.chunk(bytes.fromhex(text))
    if content is None:
        raise Refusal(f"there is no good copy of chunk {text}")
    sys.stdout.buffer.write(content)


def command_cut(repository: Repository, file: Path) -> None:
    stream = file.read_bytes()
    for offset, length in cuts(stream, repository.secret, repository.tiers):
        print(f"{offset} {length} {sha256(stream[offset : offset + length]).hex()}")


def first_line(text: bytes) -> bytes:
    line = text.split(b"\n", 1)[0]
    return line[:-1] if line.endswith(b"\r") and b"\n" in text else line


def key_in(text: bytes) -> bytes:
    """The 32 bytes of a key file."""
    match = re.fullmatch(rb"\s*cairn-key-1\s+([0-9a-f]{64})\s*", text)
    if not match:
        raise Refusal("no key file: one has the line `cairn-key-1 ` and 64 hex digits")
    return bytes.fromhex(match[1].decode("ascii"))


def main(words: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    key = parser.add_mutually_exclusive_group()
    key.add_argument("--password", metavar="TEXT")
    key.add_argument("--password-file", metavar="FILE", type=Path)
    key.add_argument("--key-file", metavar="FILE", type=Path)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("merkle").add_argument("paths", nargs="+", type=os.fsencode)
    for name in ("list", "verify", "chunks", "roots", "cat", "cut", "snapshots", "ls", "restore", "merkle-tree"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        if name == "chunks":
            command.add_argument("--out", metavar="DIR", type=Path, required=True)
        if name == "cat":
            command.add_argument("id")
        if name == "cut":
            command.add_argument("file", type=Path)
        if name in ("ls", "restore", "merkle-tree"):
            command.add_argument("snapshot")
        if name == "restore":
            command.add_argument("target", type=os.fsencode)
    arguments = parser.parse_args(words)

    repository = None
    try:
        if arguments.command == "merkle":
            print(live_root(arguments.paths).hex())
            return 0
        password = os.fsencode(arguments.password) if arguments.password is not None else None
        if arguments.password_file:
            password = first_line(arguments.password_file.read_bytes())
        file_key = key_in(arguments.key_file.read_bytes()) if arguments.key_file else None
        ask = lambda: os.fsencode(getpass.getpass("Password: "))
        repository = Repository(arguments.folder, password, file_key, ask)
        if arguments.command == "list":
            command_list(repository)
        elif arguments.command == "verify":
            command_verify(repository)
        elif arguments.command == "chunks":
            command_verify(repository, arguments.out)
        elif arguments.command == "roots":
            command_roots(repository)
        elif arguments.command == "cat":
            command_cat(repository, arguments.id)
        elif arguments.command == "cut":
            command_cut(repository, arguments.file)
        elif arguments.command == "snapshots":
            command_snapshots(repository)
        elif arguments.command == "ls":
            command_ls(repository, arguments.snapshot)
        elif arguments.command == "restore":
            command_restore(repository, arguments.snapshot, arguments.target)
        elif arguments.command == "merkle-tree":
            command_merkle_tree(repository, arguments.snapshot)
    except (Refusal, Damage, OSError, EOFError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 1 if repository.damaged else 0


if __name__ == "__main__":
    sys.exit(main())
