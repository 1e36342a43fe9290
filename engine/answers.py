"""Answers once given, kept in memory while the program runs: the same question is answered at once.

Nothing of it is ever written to a disk. What a draft is found by is a digest, so no patient's text is a key.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import asdict, replace
from typing import Final

from engine.domain import Case, Draft

MOST: Final = 64  # drafts; the one that was asked for longest ago goes first


class Answers:
    """Drafts by what was asked. It may be used from any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._turn = threading.Lock()
        self._kept: OrderedDict[str, Draft] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def given(self, key: str) -> Draft | None:
        """The draft that was kept under this key."""
        with self._turn:
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: str, draft: Draft) -> None:
        with self._turn:
            self._kept[key] = draft
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """All of them."""
        with self._turn:
            self._kept.clear()


def key_of(case: Case, *asked: object) -> str:
    """A digest of what the record holds, however its file was laid out, and of everything else that was asked.

    `asked` are plain values, or dataclasses of them as dictionaries.
    """
    content = asdict(replace(case, sha256=""))
    return hashlib.sha256(json.dumps([content, *asked], sort_keys=True).encode("ascii")).hexdigest()
