"""What the checker says of a text, and what a draft is. Offsets count Unicode code points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ViolationType = Literal[
    "dx",
    "proc",
    "med",
    "code",
    "dose",
    "route",
    "frequency",
    "duration",
    "date",
    "number",
    "lab",
    "laterality",
    "negation",
    "allergy",
    "identity",
    "omission",
    "format",
]
Severity = Literal["blocking", "warning"]
AUTHOR_LENGTH = 80  # characters of the name of a physician


def author_name(text: str) -> str | None:
    """A physician's name on one line; None where `text` has no letter, is too long or hides characters."""
    name = " ".join(text.split())
    return name if any(map(str.isalpha, name)) and len(name) <= AUTHOR_LENGTH and name.isprintable() else None


@dataclass(frozen=True, slots=True)
class Violation:
    type: ViolationType
    mention: str  # the words of the text, or the missing item for an omission
    reason: str  # Spanish, for the physician
    severity: Severity
    start: int  # start == end where nothing stands in the text (omission)
    end: int
    evidence: tuple[str, ...] = ()  # JSON pointers
    attestable: bool = False  # an addition that a physician may vouch for; never a contradiction nor an omission


@dataclass(frozen=True, slots=True)
class Attestation:
    """A physician vouches for words of the text that the record does not carry.

    It holds for the phrase exactly as it stands: once the words are edited it has nothing to hold for.
    """

    phrase: str
    author: str
    at: str  # ISO 8601 with zone


@dataclass(frozen=True, slots=True)
class Attested:
    """A place of the text where an attestation holds."""

    attestation: Attestation
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """An attestation that holds nowhere in the text, and why (Spanish, for the physician)."""

    attestation: Attestation
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text that carries a fact, and the fields or the physician that support it."""

    start: int
    end: int
    evidence: tuple[str, ...]
    kind: str  # ClaimKind value, or "code", "dose", "date", "number"…, "attested", "unsupported" (no evidence)
    attestation: Attestation | None = None  # of kind "attested"


@dataclass(frozen=True, slots=True)
class RecordWarning:
    """About the source itself; never changes `ok`."""

    type: str
    pointer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    violations: tuple[Violation, ...] = ()
    spans: tuple[Span, ...] = ()
    attested: tuple[Attested, ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def bare(self) -> tuple[Span, ...]:
        """The stretches that no field supports, and of which no violation speaks."""
        return tuple(
            s
            for s in self.spans
            if s.kind == "unsupported" and not any(v.start < s.end and s.start < v.end for v in self.violations)
        )

    @property
    def ok(self) -> bool:
        """True where nothing blocks: warnings do not."""
        return not any(v.severity == "blocking" for v in self.violations)


@dataclass(frozen=True, slots=True)
class ModelRef:
    id: str  # "plantilla" for the template drafter
    sha256: str
    backend: str  # "llama" | "onnx" | "template"


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts and milliseconds of one draft, all attempts together."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    forced_tokens: int = 0
    load_ms: int = 0
    first_token_ms: int = 0
    prefill_ms: int = 0
    decode_ms: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    text: str
    report: Report
    warnings: tuple[RecordWarning, ...]
    model: ModelRef
    generated_at: str  # ISO 8601 with zone
    processing_ms: int
    fallback: bool = False  # the template took over from a model
    attempts: int = 1
    usage: Usage = field(default_factory=Usage)
    cached: bool = False  # given before: all but `processing_ms` is of the time when it was written
