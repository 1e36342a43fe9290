"""The printed document of one stay: its contents as plain values, and the PDF made of them."""

from engine.documents.files import write_whole
from engine.documents.layout import layout
from engine.documents.pdf import render_pdf

__all__ = ["layout", "render_pdf", "write_whole"]
