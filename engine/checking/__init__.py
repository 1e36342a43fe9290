"""The independent checker: (Evidence, text) → Report. Pure rules; it never imports what wrote the text.

`Checker(evidence).check(text)` for a text that is being edited; `check(evidence, text)` once;
`record_warnings(evidence)` says what the record itself contradicts.
"""

from engine.checking.checker import Checker, check
from engine.checking.source import record_warnings

__all__ = ["Checker", "check", "record_warnings"]
