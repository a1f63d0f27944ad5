"""Runs the web application: one process, or several that share a socket."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import resource
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette

from explainer import digest
from explainer.compose import Composer
from explainer.errors import InputError, shown
from explainer.knowledge import Knowledge
from explainer.loader import fit, misnamed, read_files
from explainer.metrics import published
from explainer.patience import Patient
from explainer.processes import end_with_parent
from explainer.render import environment
from explainer.resources import folder
from explainer.web import create
from explainer.workers import Shared, Workers
from explainer.yamltext import YamlText

_PROXIES = "FORWARDED_ALLOW_IPS"  # whose word uvicorn takes on how a visitor came
_SECONDS_TO_FINISH = 10  # for pages under way when the server is told to stop
_SECONDS_TO_KEEP = 75  # longer than proxies keep a connection: else they use it again while it is being closed
_SECONDS_TO_START = 30  # a worker, on a machine that is busy; one that hangs for longer is replaced
_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "explainer": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "python_multipart": {"level": "CRITICAL", "propagate": False},  # it quotes what a visitor has sent
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
    _check_proxies(os.environ.get(_PROXIES, ""))
    rules = folder("rules")
    files, counted = read_files(rules), digest.readable(rules)
    known = fit(files, misnamed(rules))  # raises here, before a port is taken
    make = partial(_ready, hosts=tuple(hosts), prefix=prefix, contact=contact)
    bound = _bind(host, port)
    _open_as_many_as_allowed()
    _leave_no_core()
    config = uvicorn.Config(
        partial(_again, make, Shared((files, counted))) if workers > 1 else make(known, counted),
        factory=workers > 1,
        workers=workers,
        http=Patient,
        timeout_worker_healthcheck=_SECONDS_TO_START,
        log_config=_LOGGING,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_SECONDS_TO_KEEP,
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
                Workers(config, sockets=[bound]).run()
            else:
                uvicorn.Server(config).run(sockets=[bound])


def _fingerprint(files: dict[str, YamlText]) -> str:
    """What tells these rules from any others: two servers that show the same have the same."""
    text = json.dumps({name: file.data for name, file in files.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _ready(knowledge: Knowledge, counted: digest.Digest | None, **options: Any) -> Starlette:
    """The site with every template read, so that no request waits for one, or meets a system with no file to spare."""
    for name in environment().list_templates(["jinja"]):
        environment().get_template(name)
    return create(composer=Composer(knowledge), counted=counted, **options)


def _again(make: Callable[..., Starlette], rules: Shared) -> Starlette:
    """The site in a worker, which may start later than the others: of the rules as they were then."""
    end_with_parent()
    files, counted = rules.content
    return make(fit(files), counted)


def _open_as_many_as_allowed() -> None:
    """Takes as many connections as the system lets a process have, not the few that it is given at first."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _leave_no_core() -> None:
    """Has a crash leave no copy of the memory, in which answers may be. Workers inherit this."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _check_proxies(named: str) -> None:
    """Refuses what would silently be taken for no proxy: then cookies would lose what keeps them off plain HTTP."""
    for name in named.split(","):
        try:
            if name.strip() not in ("", "*"):
                ipaddress.ip_network(name.strip())
        except ValueError:
            allowed = "addresses such as 10.0.0.7, networks such as 10.0.0.0/8, joined by commas, or *"
            raise InputError.at(_PROXIES, f"{shown(name.strip())} is no address; allowed: {allowed}") from None


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
        raise InputError.at(f"{host}:{port}", said) from None
    bound.set_inheritable(True)
    return bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
