"""Runs the web application: one process, or several that share a socket."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import parent_process, resource_tracker
from multiprocessing.process import BaseProcess
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from explainer import digest
from explainer.compose import Composer
from explainer.errors import Fault, InputError
from explainer.knowledge import Knowledge
from explainer.loader import fit, misnamed, read_files
from explainer.metrics import published
from explainer.patience import Patient
from explainer.render import environment
from explainer.resources import folder
from explainer.web import create
from explainer.yamltext import YamlText

_SECONDS_TO_FINISH = 10  # for pages under way when the server is told to stop
_SECONDS_TO_START = 30  # a worker, on a machine that is busy; one that hangs for longer is replaced
_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "explainer": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}


def serve(  # noqa: PLR0913 - the options of the command, one by one
    host: str,
    port: int,
    *,
    workers: int = 1,
    prefix: str = "",
    hosts: Sequence[str] = (),
    contact: str = "",
    metrics_port: int | None = None,
    started: Callable[[str, str | None], None] = print,
) -> None:
    """Answers requests until told to stop. `metrics_port` serves counts as well, apart from the pages.

    `started` is called with the address, and that of the counts, once requests are accepted. Port 0 takes any that is
    free. Changes of the rules while it runs have no effect on it, not even on a worker that replaces another.

    Raises InputError when an address cannot be used, and KnowledgeError with every fault of the rules.
    """
    rules = folder("rules")
    files = read_files(rules)
    make = partial(create, hosts=tuple(hosts), prefix=prefix, contact=contact, counted=digest.read(rules))
    known = fit(files, misnamed(rules))  # so that mistakes are told before an address is
    bound = _bind(host, port)
    _open_as_many_as_allowed()
    config = uvicorn.Config(
        partial(_site, make, files) if workers > 1 else _ready(make, known),
        factory=workers > 1,
        workers=workers,
        http=Patient,
        timeout_worker_healthcheck=_SECONDS_TO_START,
        log_config=_LOGGING,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
    with ExitStack() as stack:
        counts = None
        if metrics_port is not None:
            in_use = {"revised": known.source.revised.isoformat(), "rules": _fingerprint(files)}
            counts = stack.enter_context(published(host, metrics_port, in_use, several=workers > 1))
        started(f"{_address(bound)}{prefix}/", counts)
        with suppress(KeyboardInterrupt):  # that is how one stops it
            if workers > 1:
                _Workers(config, sockets=[bound]).run()
            else:
                uvicorn.Server(config).run(sockets=[bound])


def _fingerprint(files: dict[str, YamlText]) -> str:
    """What tells these rules from any others: two servers that show the same have the same."""
    text = json.dumps({name: file.data for name, file in files.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _site(make: Callable[..., Starlette], files: dict[str, YamlText]) -> Starlette:
    """The site in a worker, which may start later than the others: of the rules as they were then."""
    if parent := parent_process():
        Thread(target=_end_after, args=[parent], daemon=True).start()
    return _ready(make, fit(files))


def _ready(make: Callable[..., Starlette], knowledge: Knowledge) -> Starlette:
    """The site with every template read, so that no request waits for one, or meets a system with no file to spare."""
    for name in environment().list_templates(["jinja"]):
        environment().get_template(name)
    return make(composer=Composer(knowledge))


def _end_after(parent: BaseProcess) -> None:
    """Ends a worker whose parent was killed: nobody else would, and it would keep the address to itself."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _open_as_many_as_allowed() -> None:
    """Takes as many connections as the system lets a process have, not the few that it is given at first."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class _Workers(Multiprocess):
    """Several processes under one that starts, watches and stops them.

    Ctrl-C reaches all of them at once, those that are still starting too. They leave it to the one that stops them.
    """

    def init_processes(self) -> None:
        resource_tracker.ensure_running()  # else it is started along with the first worker, and unblocks the signal
        with self._starting():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        with self._starting():
            super().keep_subprocess_alive()

    def handle_signals(self) -> None:
        with self._starting():
            super().handle_signals()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            for process in self.processes:
                process.child_conn.close()  # the worker has its own; this one would hide that the worker is gone
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _bind(host: str, port: int) -> socket.socket:
    bound = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except (OSError, OverflowError, UnicodeError) as error:
        if bound is not None:
            bound.close()
        said = (
            f"this address cannot be used ({getattr(error, 'strerror', None) or error}); name another --port or --host"
        )
        raise InputError([Fault(f"{host}:{port}", 0, said)]) from None
    bound.set_inheritable(True)
    return bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
