"""Plugins of Qt that open network ports, and bring QtNetwork with them, are not loaded whatever the environment asks.

The words of the command line never reach Qt, so the environment is the only way in.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final

_NETWORK: Final = frozenset(("vnc", "tuiotouch"))  # Qt takes these names in any case, with «:options» behind
_VARIABLES: Final = {"QT_QPA_PLATFORM": ";", "QT_QPA_GENERIC_PLUGINS": ","}  # and what stands between two names


def leave_out_network_plugins(environment: MutableMapping[str, str]) -> None:
    """Takes them out of the variables in which Qt looks for plugins; call before the application is made."""
    for variable, mark in _VARIABLES.items():
        asked = environment.get(variable, "").split(mark)
        kept = [name for name in asked if name.partition(":")[0].strip().casefold() not in _NETWORK]
        if kept == asked:
            continue
        if kept:
            environment[variable] = mark.join(kept)
        else:
            del environment[variable]
