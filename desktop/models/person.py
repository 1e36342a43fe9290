"""What is typed of a person, looked at while it is typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from engine import history
from engine.domain import author_name
from engine.domain.people import Person, Role, rut
from engine.errors import StoreRefused

PASSPHRASE_LENGTH = 12  # characters, as the history asks
_NOT_LOGIN = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Hint:
    """A line under a field; `tone` as the labels of the theme, «» for plain words."""

    tone: Literal["", "good", "warning"]
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form as they stand."""

    name: str
    rut: str
    login: str
    role: Role
    profession: str = ""
    registry: str = ""

    def person(self) -> Person | None:
        """None until all of it is right."""
        name, number = author_name(self.name) or "", rut(self.rut) or ""
        more = self.profession.strip(), self.registry.strip()
        try:
            return Person(self.login.strip().lower(), name, number, self.role, *more)
        except ValueError:
            return None

    def gap(self) -> Literal["name", "rut", "login", ""]:
        """The first field that lacks something; «» where these three are right."""
        if not author_name(self.name):
            return "name"
        if not rut(self.rut):
            return "rut"
        return "" if self.person() else "login"


def rut_hint(text: str) -> Hint:
    """Whether the check digit (módulo 11) fits, as far as can be said yet."""
    tr = QCoreApplication.translate
    if rut(text):
        return Hint("good", tr("Person", "✓ RUT válido"))
    if "-" in text and text.strip()[-1] != "-":
        return Hint("warning", tr("Person", "Ese RUT no existe: revise los números y el dígito verificador."))
    return Hint("", tr("Person", "Con guion y dígito verificador, como 12.345.678-5"))


def passphrase_hint(passphrase: str, login: str) -> Hint:
    tr = QCoreApplication.translate
    if strong(passphrase, login):
        return Hint("good", tr("Person", "✓ Sirve"))
    missing = PASSPHRASE_LENGTH - len(passphrase)
    if passphrase and missing > 0:
        return Hint("", tr("Person", "Faltan {n} caracteres. Cuatro palabras sin relación sirven.").format(n=missing))
    if passphrase:
        return Hint("warning", tr("Person", "Muy repetida o parecida al usuario. Use cuatro palabras sin relación."))
    return Hint("", tr("Person", "12 caracteres o más. Cuatro palabras sin relación sirven y se recuerdan."))


def again_hint(passphrase: str, again: str) -> Hint:
    tr = QCoreApplication.translate
    if again and again == passphrase:
        return Hint("good", tr("Person", "✓ Coinciden"))
    if again and not passphrase.startswith(again):
        return Hint("warning", tr("Person", "No coincide con la de arriba."))
    return Hint("", "")


def strong(passphrase: str, login: str) -> bool:
    """Whether the history takes it."""
    try:
        history.refuse_weak(passphrase, login.strip().lower())
    except StoreRefused:
        return False
    return True


def login_of(name: str) -> str:
    """«mrojas» of «María Rojas Soto»: what is proposed while nobody typed another."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode("ascii")
    words = [_NOT_LOGIN.sub("", word) for word in plain.split()]
    return f"{words[0][:1]}{words[1]}"[:32] if len(words) > 1 else ""


def role_name(role: Role) -> str:
    tr = QCoreApplication.translate
    names = {
        Role.PHYSICIAN: tr("Person", "Médico"),
        Role.CHIEF: tr("Person", "Jefatura"),
        Role.IT: tr("Person", "Administra el programa"),
        Role.AUDITOR: tr("Person", "Auditoría"),
    }
    return names[role]
