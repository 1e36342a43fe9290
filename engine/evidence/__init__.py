"""Everything that may be said about the patient, and where it stands in the record."""

from engine.evidence.build import build, died
from engine.evidence.claims import Attribute, AttributeKind, Claim, Evidence, Kind, Polarity, Section

__all__ = ["Attribute", "AttributeKind", "Claim", "Evidence", "Kind", "Polarity", "Section", "build", "died"]
