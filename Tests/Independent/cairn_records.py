"""What all files of a repository share: fields, headers, envelopes, records. FORMAT.md, sections 1 and 4."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Optional

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# ---------------------------------------------------------------------------------------------------------------------------------
# 1. Conventions


class Damage(Exception):
    """Bytes that are not what they must be: the file, the offset in it, and what is wrong."""

    def __init__(self, file: str, offset: int, what: str):
        super().__init__(f"{file}, at {offset}: {what}")


class Refusal(Exception):
    """A reason not to read the repository at all."""


def need(true: bool, file: str, offset: int, what: str) -> None:
    if not true:
        raise Damage(file, offset, what)


def padme(length: int) -> int:
    """The length to which `length` bytes are padded."""
    if length < 4:
        return length
    e = length.bit_length() - 1
    s = e.bit_length()
    m = (1 << (e - s)) - 1
    return (length + m) & ~m


def sha256(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def hkdf(key: bytes, salt: Optional[bytes], info: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info.encode("ascii")).derive(key)


def printable(text: bytes) -> str:
    """ASCII as it is; every other byte, and %, as % and two hex digits."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte != 0x25 else f"%{byte:02X}" for byte in text)


class Fields:
    """Takes fields from bytes, one after another, and never reads past their end."""

    def __init__(self, data: bytes, file: str, start: int):
        self.data, self.file, self.start, self.at = data, file, start, 0

    def bytes(self, count: int, name: str) -> bytes:
        self.need(self.at + count <= len(self.data), f"{name} ends behind the end")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int, name: str, least: int = 0, most: Optional[int] = None, signed: bool = False) -> int:
        value = int.from_bytes(self.bytes(width, name), "little", signed=signed)
        self.need(signed or value >= least, f"{name} is {value}, less than {least}", back=width)
        self.need(most is None or value <= most, f"{name} is {value}, more than {most}", back=width)
        return value

    def need(self, true: bool, what: str, back: int = 0) -> None:
        need(true, self.file, self.start + self.at - back, what)


# ---------------------------------------------------------------------------------------------------------------------------------
# 4. Header, envelopes, records

PLAIN, SYMMETRIC = 0, 1
DIRECTORY_PIECE = 2**32 - 1
INFO = {b"CAIRNPAK": "cairn/1/pack", b"CAIRNMAN": "cairn/1/manifest", b"CAIRNCFG": "cairn/1/config", b"CAIRNKEY": "cairn/1/key"}


class UnknownVersion(Damage):
    """A format version that came after this program."""


@dataclass
class Header:
    raw: bytes
    magic: bytes
    envelope: int
    kind: int
    salt: bytes


def read_header(fields: Fields, magic: bytes, kinds: tuple[int, ...]) -> Header:
    start = fields.at
    found = fields.bytes(8, "magic")
    fields.need(found == magic, f"the magic is not {magic.decode()}", back=8)
    version = fields.number(2, "format version")
    if version != 1:
        raise UnknownVersion(fields.file, fields.start + start + 8, f"format version {version}; this program knows 1")
    envelope = fields.number(1, "envelope", most=SYMMETRIC)
    kind = fields.number(1, "kind")
    fields.need(kind in kinds, f"kind {kind} is none of this file", back=1)
    fields.number(4, "length of the header's extension", most=0)
    salt = fields.bytes(32, "salt")
    return Header(fields.data[start : fields.at], magic, envelope, kind, salt)


@dataclass
class Seal:
    """What opens the pieces of one file."""

    file: str
    header: Header
    repository_id: bytes
    input_key: Optional[bytes]
    clear: bytes = b""

    def open(self, piece: bytes, number: int, offset: int) -> bytes:
        if self.header.envelope == PLAIN:
            return piece
        need(len(piece) >= 16, self.file, offset, "a sealed piece shorter than its tag")
        key = hkdf(self.input_key, self.header.salt, INFO[self.header.magic], 32)
        nonce = bytes(8) + number.to_bytes(4, "big")
        associated = self.repository_id + self.header.raw + self.clear + number.to_bytes(4, "little")
        try:
            return AESGCM(key).decrypt(nonce, piece, associated)
        except InvalidTag:
            raise Damage(self.file, offset, "authentication failed") from None


@dataclass
class Record:
    """One good copy of a config, key or manifest."""

    file: str
    header: Header
    clear: bytes
    clear_offset: int
    body: bytes
    body_offset: int
    x: bytes  # the copy without its zeros

    def content(self, repository_id: bytes, input_key: Optional[bytes]) -> Fields:
        plain = Seal(self.file, self.header, repository_id, input_key, self.clear).open(self.body, 0, self.body_offset)
        fields = Fields(plain, self.file, self.body_offset)
        length = fields.number(4, "length of the content")
        wrapped = padme(4 + length) if self.header.envelope == SYMMETRIC else 4 + length
        fields.need(len(plain) == wrapped, f"a wrapping of {len(plain)} bytes where {wrapped} are due", back=4)
        content = fields.bytes(length, "content")
        return Fields(content, self.file, self.body_offset + 4)


def read_copy(data: bytes, file: str, start: int, magic: bytes, kinds: tuple[int, ...]) -> Record:
    fields = Fields(data, file, start)
    header = read_header(fields, magic, kinds)
    clear_length = fields.number(4, "length of the clear part", most=4096)
    body_length = fields.number(4, "length of the body", most=33_554_432)
    clear_offset = start + fields.at
    clear = fields.bytes(clear_length, "clear part")
    body_offset = start + fields.at
    body = fields.bytes(body_length, "body")
    covered = data[: fields.at]
    fields.need(fields.bytes(32, "checksum") == sha256(covered), "the checksum is wrong", back=32)
    return Record(file, header, clear, clear_offset, body, body_offset, data[: fields.at])
