"""The document of a text that was signed in the program: who, when, the digest, and what was added afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.documents import layout, render_pdf
from engine.domain.signing import Addendum, Signature, Signer
from tests.helpers.documents import draft, one_line, printed, ward_case

DIGEST = "0123456789abcdef" * 4
SIGNER = Signer("u1", "María Rojas Ñuñoa", "12345678-5", "Médica cirujana", "123456", "medico")
SIGNATURE = Signature("c1", 1, DIGEST, "2026-03-02T10:05:00-03:00", SIGNER)
HOSTILE = '#image("x") *a* $x$ \\u{41} <img src=file:///etc/passwd>\nPA <90/60 & Na>145'


def _printed(folder: Path, *texts: str) -> str:
    addenda = [Addendum(n, text, f"{n}" * 64, SIGNATURE.at, SIGNER) for n, text in enumerate(texts, 1)]
    path = folder / "signed.pdf"
    path.write_bytes(
        render_pdf(ward_case(), draft(), approved=True, version="1.2.3", signature=SIGNATURE, addenda=addenda)
    )
    return one_line(printed(path))


def test_a_signed_document_says_who_when_and_its_digest(tmp_path: Path) -> None:
    text = _printed(tmp_path)
    assert "María Rojas Ñuñoa, Médica cirujana, RUT 12345678-5, registro 123456" in text
    assert DIGEST in text
    assert "Adendas" not in text
    assert "Nombre del médico" not in text
    assert "firma electrónica avanzada" not in text.lower()


def test_addenda_follow_literally(tmp_path: Path) -> None:
    text = _printed(tmp_path, "Cultivo negativo.", HOSTILE)
    assert text.index("Adendas") < text.index("Cultivo negativo.") < text.index("2. María Rojas")
    assert one_line(HOSTILE) in text
    assert "2" * 64 in text


@pytest.mark.parametrize("approved", [True, False])
def test_without_a_signature_there_is_a_line_for_the_hand(approved: bool) -> None:
    made = layout(ward_case(), draft(), approved=approved, version="1.2.3")
    assert (len(made["signature"]), made["signed"], made["addenda"]) == (4, [], [])
