"""Frozen values shared by every layer."""

from engine.domain.events import (
    Checked, Done, DraftEvent, FellBack, Loading, PromptProgress, Retrying, SectionStarted, Token,
)
from engine.domain.record import (
    CarePlan, Case, Condition, History, Medication, Note, Observation, Patient, Procedure, Repair,
    Stay, Text, texts,
)
from engine.domain.report import (
    Draft, ModelRef, RecordWarning, Report, Severity, Span, Usage, Violation, ViolationType,
)

__all__ = [
    "CarePlan", "Case", "Checked", "Condition", "Done", "Draft", "DraftEvent", "FellBack", "History", "Loading", "Medication", "ModelRef", "Note",
    "Observation", "Patient", "Procedure", "PromptProgress", "RecordWarning", "Repair", "Report", "Retrying",
    "SectionStarted", "Severity", "Span",
    "Stay", "Text", "Token", "Usage", "Violation", "ViolationType", "texts",
]
