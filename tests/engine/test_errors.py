"""Messages to the user: every code in both languages, nothing of the record in them."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import pytest

from engine.errors import InputRefused
from engine.paths import resource

ROOT = Path(__file__).resolve().parents[2]
CATALOG = tomllib.loads(resource("i18n/messages.toml").read_text(encoding="utf-8"))
MESSAGES = {code: entry for code, entry in CATALOG.items() if code != "json_types"}


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_message_is_whole_in_both_languages(code: str) -> None:
    entry = MESSAGES[code]
    assert {"es", "en"} <= set(entry)
    fields = [{name for _, name, _, _ in string.Formatter().parse(entry[lang]) if name} for lang in ("es", "en")]
    assert fields[0] == fields[1]


def test_every_code_that_is_raised_has_a_message() -> None:
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "engine").rglob("*.py")]
    pattern = r'(?:InputRefused|ModelRefused|StoreRefused|UsageError|EpicrisisError)\(\s*"(\w+)"'
    raised = {code for text in sources for code in re.findall(pattern, text)}
    assert len(raised) > 20
    assert raised <= set(MESSAGES)


def test_types_are_told_in_the_users_language() -> None:
    error = InputRefused("wrong_type", pointer="/dx", expected="array, string", found="number")
    assert "una lista o un texto y hay un número. [/dx]" in error.message()
    assert "a list or a text was expected and a number was found" in error.message("en")
