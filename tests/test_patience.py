"""How long a connection may take; tests/test_steady.py sees it at work on a server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from uvicorn.server import ServerState

from explainer.patience import Patient

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
KEPT = 1
"""Seconds that a connection is kept after an answer."""
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def slow_page(_scope: object, _receive: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """Answers after a while."""
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def talk(seconds: float, story: Callable[[Connection], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a story happen on a connection of a server with that much patience."""
    monkeypatch.setattr(Patient, "seconds", seconds)
    config = uvicorn.Config(slow_page, ws="none", lifespan="off", log_config=None, timeout_keep_alive=KEPT)
    config.load()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Patient(config, ServerState(), {}), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await asyncio.wait_for(story((reader, writer)), 20)
            writer.close()

    with ThreadPoolExecutor(1) as thread:  # other tests of this process may have a browser, which has a loop of its own
        thread.submit(lambda: asyncio.run(run())).result()


def test_a_request_after_a_request_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor who stays, and asks again and again, is never cut off in the middle."""

    async def story(connection: Connection) -> None:
        reader, writer = connection
        for _ in range(5):
            writer.write(HEAD)
            await asyncio.sleep(0.2)
            writer.write(b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")

    talk(0.8, story, monkeypatch)


@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"\r\n"], ids=["nothing", "half a request", "a whole request"])
def test_a_connection_ends_when_its_time_is_over(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is the visitor who is slow or the page, nobody waits any longer."""

    async def story(connection: Connection) -> None:
        reader, writer = connection
        writer.write(said)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)

    talk(0.1, story, monkeypatch)


def test_a_connection_is_kept_after_an_answer_and_then_closed_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that uses a connection again, later than it would have to begin a first request, finds it open."""

    async def story(connection: Connection) -> None:
        reader, writer = connection
        for _ in range(2):
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
            await asyncio.sleep(KEPT * 0.7)
        assert await reader.read() == b""

    talk(0.5, story, monkeypatch)


def test_half_a_request_after_an_answer_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was answered once is not waited for any longer than others."""

    async def story(connection: Connection) -> None:
        reader, writer = connection
        writer.write(HEAD + b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)

    talk(0.5, story, monkeypatch)
