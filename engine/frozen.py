"""A frozen program is started twice: as itself, and as the process of its model.

The entry scripts ask here before they import anything large, so that the model's process holds no window.
"""

from __future__ import annotations

import sys


def serve_model_if_asked() -> None:
    """Becomes the model's process, and never comes back, where the program was started as such."""
    from engine.inference import launch

    if sys.argv[1:] == [launch.ARGUMENT]:
        from engine.inference import child

        child.main()
