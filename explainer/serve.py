"""Runs the web application: one process, or several that share a socket."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import resource_tracker

import uvicorn
from uvicorn.supervisors import Multiprocess

from explainer.compose import composer
from explainer.errors import Fault, InputError
from explainer.web import create

_SECONDS_TO_FINISH = 10  # for pages under way when the server is told to stop
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
    started: Callable[[str], None] = print,
) -> None:
    """Answers requests until told to stop. `started` is called with the address once requests are accepted.

    Port 0 takes any that is free. Raises InputError when the address cannot be used.
    """
    composer()  # so that rules with mistakes are told before an address is
    bound = _bind(host, port)
    config = uvicorn.Config(
        partial(create, hosts=tuple(hosts), prefix=prefix, contact=contact),
        factory=True,
        workers=workers,
        log_config=_LOGGING,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
    started(f"{_address(bound)}{prefix}/")
    with suppress(KeyboardInterrupt):  # that is how one stops it
        if workers > 1:
            _Workers(config, sockets=[bound]).run()
        else:
            uvicorn.Server(config).run(sockets=[bound])


class _Workers(Multiprocess):
    """Several processes under one that starts and stops them.

    Ctrl-C reaches all of them at once, those that are still starting too. They leave it to the one that stops them.
    """

    def init_processes(self) -> None:
        resource_tracker.ensure_running()  # else it is started along with the first worker, and unblocks the signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().init_processes()
        finally:
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
