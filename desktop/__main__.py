"""`python -m desktop`, and the frozen program."""

from __future__ import annotations

import sys

from engine.frozen import serve_model_if_asked

if __name__ == "__main__":
    serve_model_if_asked()
    from desktop.app import main  # after: the model's process needs no window

    sys.exit(main())
