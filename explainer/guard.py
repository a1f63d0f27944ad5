"""Stands before every page: safety headers, refusals, and a log and counts that hold no answers."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explainer import metrics

LARGEST_BODY: Final = 16 * 1024
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What goes with every answer that does not say otherwise."""

_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{0,261}")
"""The longest name there is, and a port. Pages show it and are kept by it, so it is not to be of any length."""
_BY_ANY_NAME = ("/health/", "/style.css")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_METHODS = (*_SAFE_METHODS, "POST", "PUT", "PATCH", "DELETE")

access_log = logging.getLogger("explainer.access")
error_log = logging.getLogger("explainer.error")


class KnownHosts:
    """ASGI middleware. Refuses requests by another name than `hosts`, of which one such as *.example.org has many.

    Whoever asks how the server is calls it by its bare address, and may; and the page that refuses has its style.
    Starlette has such a one as well, which refuses in two words that mean nothing to a family.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], refuse: Callable[[Request, int], Response]) -> None:
        self.app = app
        self.hosts = [host.lower() for host in hosts]
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or below_prefix(scope).startswith(_BY_ANY_NAME) or self._knows(scope):
            await self.app(scope, receive, send)
        else:
            await self.refuse(Request(scope), 421)(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        name = re.sub(r":[0-9]*$", "", Headers(scope=scope).get("host", "")).lower()
        return any(name == host or (host.startswith("*") and name.endswith(host[1:])) for host in self.hosts)


class Guard:
    """ASGI middleware. `refuse` makes the page for a status, when a request does not get as far as the site.

    `prefix` is the path in front of all pages; a proxy may cut it off or leave it.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Request, int], Response], prefix: str = "") -> None:
        self.app = app
        self.refuse = refuse
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. Whatever goes wrong inside becomes a page and a line in the log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.prefix:
            scope = _under(self.prefix, scope)
        began = perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._answer(scope, receive, sending)
        except ClientDisconnect:
            status = status or 499  # as other servers log a visitor who went away
        except Exception as error:  # noqa: BLE001 - a visitor gets a page whatever it was
            error_log.error(_told(error))
            if not status:
                await self.refuse(Request(scope), 500)(scope, receive, sending)
        finally:
            took = perf_counter() - began
            access_log.info("%s %s %d %.1f ms", _method(scope), _route(scope), status, took * 1000)
            metrics.answered(_method(scope), _route(scope), status, took)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        read = 0

        async def receiving() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise HTTPException(413)
            return message

        if scope["method"] not in _SAFE_METHODS and not is_same_origin(headers):
            await self.refuse(Request(scope), 403)(scope, receive, send)
        elif not length.isascii() or not length.isdigit() or int(length[:20]) > LARGEST_BODY:
            await self.refuse(Request(scope), 413)(scope, receive, send)
        elif not _HOST.fullmatch(headers.get("host", "")):
            await self.refuse(Request(scope), 400)(scope, receive, send)
        else:
            await self.app(scope, receiving, send)


def below_prefix(scope: Scope) -> str:
    """The path that is asked for, without the prefix in front of all pages."""
    return str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))


def is_same_origin(headers: Headers) -> bool:
    """Whether a form was sent from one of our own pages, by what the browser says of it.

    A request that says nothing at all does not come from a browser of this decade, and brings no cookie that
    somebody else's page could misuse: the cookie is SameSite=Strict.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _under(prefix: str, scope: Scope) -> Scope:
    path = scope["path"].removeprefix(prefix) if f"{scope['path']}/".startswith(f"{prefix}/") else scope["path"]
    return {**scope, "root_path": prefix, "path": prefix + (path or "/")}


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """The pattern of the page's address: what a visitor made of it may hold anything."""
    return str(getattr(scope.get("route"), "path", "(no page)"))


def _told(error: Exception) -> str:
    """What went wrong and where, without the message: it might quote an answer."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
