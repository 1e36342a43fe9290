"""The use cases without a window. The contract is docs/cli.md: scripts of hospital IT rely on it."""

from engine.cli.main import main

__all__ = ["main"]
