"""One short typed function per user action; each returns work for a task."""

from desktop.operations.check import Rechecked, check_text
from desktop.operations.draft import Drafted, write_draft
from desktop.operations.look import Looked, look_at_model
from desktop.operations.read import RecordRead, read_record
from desktop.operations.save import PdfSaved, save_pdf
from desktop.operations.services import Services

__all__ = [
    "Drafted",
    "Looked",
    "PdfSaved",
    "Rechecked",
    "RecordRead",
    "Services",
    "check_text",
    "look_at_model",
    "read_record",
    "save_pdf",
    "write_draft",
]
