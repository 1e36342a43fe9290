"""The independent checker: (Evidence, text) → Report. Pure rules; it never imports what wrote the text.

`Checker(evidence).check(text)` for a text that is being edited; `check(evidence, text)` once;
`proposal(text, violation)` gives the words that a physician may vouch for; `record_warnings(evidence)` says what the
record itself contradicts; `completeness(evidence, text, report)` what Ley 20.584 art. 11 asks of the document.
"""

from engine.checking.attesting import proposal
from engine.checking.checker import Checker, check
from engine.checking.completeness import completeness
from engine.checking.source import record_warnings

__all__ = ["Checker", "check", "completeness", "proposal", "record_warnings"]
