"""Keeps templates as Jinja has compiled them, where Python keeps its own modules: beside them, in `__pycache__`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from time import monotonic_ns

import jinja2
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

_DIGEST = 32
"""Bytes ahead of what is kept that tell whether it is whole."""


class Compiled(BytecodeCache):
    """The compiled templates of one folder. Whoever may not write there compiles them each time, and nobody is told.

    A template is compiled anew once it has changed, or Jinja has, or `settings`: the file of the module that says how
    Jinja is to read templates. Whoever could change what is kept here could change the templates, and our modules, too.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        self._beside = Path(cache_from_source(str(folder / "%s.jinja")))
        self._settings = jinja2.__version__ + Path(settings).read_text("utf-8")

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 - the signature is Jinja's
        return super().get_cache_key(name)

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        return super().get_bucket(environment, name, filename, self._settings + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            kept = self._place(bucket).read_bytes()
            if sha256(kept[_DIGEST:]).digest() == kept[:_DIGEST]:
                bucket.bytecode_from_string(kept[_DIGEST:])

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            code = bucket.bytecode_to_string()
            with suppress(OSError):
                place = self._place(bucket)
                place.parent.mkdir(parents=True, exist_ok=True)
                draft = place.with_name(f"{place.name}.{os.getpid()}.{monotonic_ns()}")
                try:
                    with draft.open("xb") as file:  # what has that name may be a link to somewhere else
                        file.write(sha256(code).digest() + code)
                    draft.replace(place)
                finally:
                    draft.unlink(missing_ok=True)

    def _place(self, bucket: Bucket) -> Path:
        return self._beside.with_name(self._beside.name % bucket.key)
