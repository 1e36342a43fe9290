"""Bytes to Case: every known shape of a record, its limits, encodings and repairs."""

from engine.intake.conservation import unaccounted
from engine.intake.reading import parse, read_case, read_file

__all__ = ["parse", "read_case", "read_file", "unaccounted"]
