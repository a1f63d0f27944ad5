"""The program `explainer`, and `python -m explainer`, which is the same."""

from __future__ import annotations

import gc
import os
import sys
from types import ModuleType


def main() -> None:
    """Runs the command line, without looking for garbage: most commands are done before there is any to speak of.

    That saves a fifth of their time. A command that goes on for long turns the collector on again. Nor does pydantic
    look for plugins: it would read what every package on the machine says of itself.
    """
    gc.disable()  # before anything is imported
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.modules.setdefault(_NO_PLUGINS.__name__, _NO_PLUGINS)
    try:
        from explainer.cli import main as run

        run()
    except KeyboardInterrupt:  # while the program itself was still being loaded
        sys.exit(130)
    finally:
        gc.freeze()  # else everything is searched once more at the exit


_NO_PLUGINS = ModuleType("pydantic.plugin._loader")
"""Stands in for the module that would look for plugins, which, told to find none, still takes long to import."""
vars(_NO_PLUGINS)["get_plugins"] = tuple


if __name__ == "__main__":
    main()
