"""One random root key, wrapped once for each user: people come and go without the database being written anew.

Argon2id makes a key of the pass-phrase, AES-GCM wraps the root key with it; what the database, the audit log and the
signature of exports are keyed with is derived from the root key (HKDF), so none of them tells another.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine import files
from engine.errors import StoreRefused

FORMAT = 1
ROOT_BYTES = 32
PASSPHRASE_LENGTH = 12  # characters at least
_LONGEST = 1024
_NONCE, _SALT = 12, 16
_GROUP, _RECOVERY_BYTES = 4, 20
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_MISREAD = str.maketrans("ILO", "110", " -\t\n")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try of a pass-phrase costs (Argon2id)."""

    memory_kib: int = 65536
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        """Bounds for what a key file may ask of the computer: 1 GiB, 64 passes."""
        if not (8 * self.lanes <= self.memory_kib <= 1 << 20 and 1 <= self.passes <= 64 and 1 <= self.lanes <= 16):
            raise ValueError("Argon2id parameters out of bounds")


def calibrated(target: float = 0.5) -> Cost:
    """The cost that takes `target` seconds here, never below 64 MiB and 3 passes, however slow the computer."""
    cost = Cost()
    started = time.perf_counter()
    _stretched("", b"\0" * _SALT, cost)
    taken = time.perf_counter() - started
    return replace(cost, passes=min(max(round(cost.passes * target / taken), cost.passes), 64))


def derived(root: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose: «database», «audit», «export»."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"epicrisis {purpose} 1".encode()).derive(root)


@dataclass(frozen=True, slots=True)
class Wrap:
    """The root key under one user's pass-phrase."""

    user_id: str
    login: str
    cost: Cost
    salt: bytes
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Format 1: who may open this store, and the root key under the recovery key."""

    store_id: str
    wraps: tuple[Wrap, ...]
    recovery_nonce: bytes
    recovery_sealed: bytes

    def wrap_of(self, login: str) -> Wrap | None:
        return next((w for w in self.wraps if w.login == login), None)

    def with_user(self, root: bytes, user_id: str, login: str, passphrase: str, cost: Cost) -> KeyFile:
        """The same with this user's wrap made or made anew. Raises StoreRefused: `passphrase_weak`."""
        refuse_weak(passphrase, login)
        salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
        wrap = Wrap(user_id, login, cost, salt, nonce, b"")
        sealed = AESGCM(_stretched(passphrase, salt, cost)).encrypt(nonce, root, _bound(self.store_id, wrap))
        others = tuple(w for w in self.wraps if w.user_id != user_id)
        return replace(self, wraps=(*others, replace(wrap, sealed=sealed)))

    def without_user(self, user_id: str) -> KeyFile:
        return replace(self, wraps=tuple(w for w in self.wraps if w.user_id != user_id))

    def with_recovery(self, root: bytes) -> tuple[KeyFile, str]:
        """The same with a new recovery key, and that key in groups to print: it is kept nowhere."""
        secret, nonce = secrets.token_bytes(_RECOVERY_BYTES), secrets.token_bytes(_NONCE)
        sealed = AESGCM(derived(secret, "recovery")).encrypt(nonce, root, self.store_id.encode())
        return replace(self, recovery_nonce=nonce, recovery_sealed=sealed), _printed(secret)

    def root(self, login: str, passphrase: str) -> bytes | None:
        """The root key, or None: an unknown login takes as long as a wrong pass-phrase."""
        wrap = self.wrap_of(login)
        if wrap is None:
            costs = [w.cost for w in self.wraps] or [Cost()]
            _stretched(passphrase, b"\0" * _SALT, costs[0])
            return None
        key = _stretched(passphrase, wrap.salt, wrap.cost)
        return _unsealed(key, wrap.nonce, wrap.sealed, _bound(self.store_id, wrap))

    def recovered(self, recovery_key: str) -> bytes | None:
        """The root key by the recovery key. Raises StoreRefused: `recovery_mistyped`, told before it is tried."""
        key = derived(_read(recovery_key), "recovery")
        return _unsealed(key, self.recovery_nonce, self.recovery_sealed, self.store_id.encode())


def new_key_file() -> tuple[KeyFile, bytes]:
    """A key file for nobody yet, and its root key."""
    return KeyFile(secrets.token_hex(8), (), b"", b""), secrets.token_bytes(ROOT_BYTES)


def refuse_weak(passphrase: str, login: str) -> None:
    """Raises StoreRefused for fewer than 12 characters, fewer than 5 different ones, or one made of the login."""
    text = _normal(passphrase)
    bare = text.lower().replace(login, "")
    if not PASSPHRASE_LENGTH <= len(text) <= _LONGEST or len(set(text)) < 5 or len(bare) < PASSPHRASE_LENGTH // 2:
        raise StoreRefused("passphrase_weak", count=PASSPHRASE_LENGTH)


def _normal(passphrase: str) -> str:
    """The same characters, whichever keyboard wrote the accents."""
    return unicodedata.normalize("NFC", passphrase)


def _stretched(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    secret = _normal(passphrase)[:_LONGEST].encode("utf-8", "surrogatepass")
    return hash_secret_raw(secret, salt, cost.passes, cost.memory_kib, cost.lanes, 32, Type.ID)


def _bound(store_id: str, wrap: Wrap) -> bytes:
    """What the wrap holds for: a wrap moved to another user or another store does not open."""
    cost = wrap.cost
    return json.dumps([FORMAT, store_id, wrap.user_id, wrap.login, cost.memory_kib, cost.passes, cost.lanes]).encode()


def _unsealed(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
    except (InvalidTag, ValueError):
        return None


def _printed(secret: bytes) -> str:
    """160 bits and 20 bits of their SHA-256, as nine groups of four characters."""
    bits = int.from_bytes(secret, "big") << 20 | _checksum(secret)
    letters = "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(36)))
    return "-".join(letters[at : at + _GROUP] for at in range(0, 36, _GROUP))


def _read(printed: str) -> bytes:
    letters = printed.strip().upper().translate(_MISREAD)
    if len(letters) != 36 or not set(letters) <= set(_ALPHABET):
        raise StoreRefused("recovery_mistyped")
    bits = 0
    for letter in letters:
        bits = bits << 5 | _ALPHABET.index(letter)
    secret = (bits >> 20).to_bytes(_RECOVERY_BYTES, "big")
    if bits & 0xFFFFF != _checksum(secret):
        raise StoreRefused("recovery_mistyped")
    return secret


def _checksum(secret: bytes) -> int:
    return int.from_bytes(hashlib.sha256(secret).digest()[:3], "big") >> 4


def write(path: Path, keys: KeyFile) -> None:
    """Puts the key file in place whole or not at all, private to this user. Raises OSError."""
    wraps = [
        {
            "user": w.user_id,
            "login": w.login,
            "kdf": {"name": "argon2id", "memoryKiB": w.cost.memory_kib, "passes": w.cost.passes, "lanes": w.cost.lanes},
            "salt": _text(w.salt),
            "nonce": _text(w.nonce),
            "sealed": _text(w.sealed),
        }
        for w in keys.wraps
    ]
    recovery = {"nonce": _text(keys.recovery_nonce), "sealed": _text(keys.recovery_sealed)}
    content = {"format": FORMAT, "store": keys.store_id, "users": wraps, "recovery": recovery}
    files.replace(path, json.dumps(content, indent=1).encode())


def read(path: Path) -> KeyFile:
    """Raises StoreRefused: `keys_missing`, `keys_newer`, `keys_damaged`."""
    try:
        content = json.loads(path.read_bytes())
        if content["format"] > FORMAT:
            raise StoreRefused("keys_newer")
        recovery = content["recovery"]
        wraps = tuple(_wrap(entry) for entry in content["users"])
        return KeyFile(str(content["store"]), wraps, _bytes(recovery["nonce"]), _bytes(recovery["sealed"]))
    except FileNotFoundError:
        raise StoreRefused("keys_missing") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise StoreRefused("keys_damaged") from None


def _wrap(entry: dict[str, Any]) -> Wrap:
    kdf = entry["kdf"]
    if kdf["name"] != "argon2id":
        raise StoreRefused("keys_newer")
    return Wrap(
        str(entry["user"]),
        str(entry["login"]),
        Cost(int(kdf["memoryKiB"]), int(kdf["passes"]), int(kdf["lanes"])),
        _bytes(entry["salt"]),
        _bytes(entry["nonce"]),
        _bytes(entry["sealed"]),
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
