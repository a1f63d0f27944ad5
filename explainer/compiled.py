"""Keeps templates as Jinja has compiled them, where Python keeps its own modules: beside them, in `__pycache__`."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """The compiled templates of one folder. Whoever may not write there compiles them each time, and nobody is told.

    A template is compiled anew once it has changed, or `settings` has: the file of the module that says how Jinja is
    to read templates. Whoever could change what is kept here could change the templates, and our modules, as well.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        beside = Path(cache_from_source(str(folder / "%s.jinja")))
        super().__init__(str(beside.parent), beside.name)
        self._settings = Path(settings).read_text("utf-8")

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        return super().get_bucket(environment, name, filename, self._settings + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError, EOFError, UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
