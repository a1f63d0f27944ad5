"""Counts for whoever looks after the server, in the form that Prometheus reads. None of them holds an answer.

They are read at a port of their own, so that visitors of the site cannot.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import Protocol

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the name is prometheus_client's
_SECONDS_TO_ASK = 10
_LEAST_ROOM = 2**20
"""Bytes that have to be free where several processes count: one that writes to a full disk there is killed."""


def _has_room() -> bool:
    folder = os.environ.get(_FOLDER)
    if folder is None:
        return True
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize > _LEAST_ROOM


if not _has_room():  # a worker that takes over then counts for itself alone: pages go ahead of counts
    del os.environ[_FOLDER]

from prometheus_client import (  # noqa: E402 - it looks for the folder as it is imported
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # noqa: E402

from explainer.errors import InputError  # noqa: E402

# Prometheus would also be told when each count began, which cannot be said of several processes together.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here
COUNTED = CollectorRegistry()
"""What this process has counted."""

_REQUESTS = Counter(
    "explainer_requests",
    "Requests by method, pattern of the address and status.",
    ["method", "route", "status"],
    registry=COUNTED,
)
_SECONDS = Histogram(
    "explainer_request_seconds",
    "Seconds from a request to the end of its answer, by pattern of the address.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=COUNTED,
)
_EXPLANATIONS = Counter("explainer_explanations", "Explanations shown to visitors.", registry=COUNTED)
_KEPT = {
    "hits": Gauge(
        "explainer_kept_hits",
        "Explanations that were shown as they were kept.",
        multiprocess_mode="sum",
        registry=COUNTED,
    ),
    "currsize": Gauge(
        "explainer_kept_explanations",
        "Explanations that are kept.",
        multiprocess_mode="livesum",
        registry=COUNTED,
    ),
}


class KeptCounts(Protocol):
    """What `cache_info()` of explainer/kept.py tells."""

    @property
    def hits(self) -> int: ...
    @property
    def currsize(self) -> int: ...


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Counts one request, if there is room for it. `route` is the pattern of its address, never the address."""
    if not _has_room():
        return
    _REQUESTS.labels(method, route, str(status)).inc()
    _SECONDS.labels(route).observe(seconds)


def explained(kept: KeptCounts | None = None) -> None:
    """Counts one explanation that a visitor was shown; `kept` are the counts of those that are kept."""
    if not _has_room():
        return
    _EXPLANATIONS.inc()
    if kept is not None:
        _KEPT["hits"].set(kept.hits)
        _KEPT["currsize"].set(kept.currsize)


def ended(process: int) -> None:
    """What a process had kept is gone with it. What it counted stays."""
    if _FOLDER in os.environ:
        mark_process_dead(process)  # type: ignore[no-untyped-call]  # the library has no types here


@contextmanager
def published(host: str, port: int, knowledge: Mapping[str, str], *, several: bool) -> Iterator[str]:
    """Serves the counts while the block runs, and gives their address; port 0 takes any that is free.

    `knowledge` says which rules are in use. With `several`, the counts are those of all processes that are started
    inside the block: these keep them in a temporary folder, which goes at the end. Raises InputError when the address
    cannot be used, or no folder can be made.
    """
    registry = CollectorRegistry()
    with ExitStack() as stack:
        if several:
            os.environ[_FOLDER] = stack.enter_context(_folder())
            stack.callback(os.environ.pop, _FOLDER)
            MultiProcessCollector(registry, os.environ[_FOLDER])  # type: ignore[no-untyped-call]  # the library has no types here
        else:
            registry.register(COUNTED)
        told = Gauge(
            "explainer_knowledge_info", "The rules in use. The value is 1.", list(knowledge), registry=registry
        )
        told.labels(**knowledge).set(1)
        try:
            server, thread = start_http_server(port, host, registry)
        except (OSError, OverflowError, UnicodeError) as error:
            said = f"counts cannot be served here ({getattr(error, 'strerror', None) or error}); name another"
            raise InputError.at(f"{host}:{port}", f"{said} --metrics-port or --host") from None
        # Else each that says nothing keeps a thread for ever.
        server.RequestHandlerClass.timeout = _SECONDS_TO_ASK  # type: ignore[attr-defined]  # it is a class, typed as any maker
        stack.callback(server.server_close)
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}/metrics"


def _folder() -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix="explainer-", ignore_cleanup_errors=True)
    except OSError as error:
        said = f"workers count in a temporary folder, and none can be made ({error.strerror}); name one in TMPDIR"
        raise InputError.at("--metrics-port", f"{said}, or take --workers 1") from None
