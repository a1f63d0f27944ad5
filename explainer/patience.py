"""Waits for slow visitors, but not for ever: nobody can keep the server busy by saying nothing."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Patient(H11Protocol):
    """One connection. To ask, to be answered and to take the answer, each has `seconds`; after that it is cut off.

    uvicorn sets no such limit. Half a request, or an answer that nobody reads, would stay until the process ends. All
    that it sets is how long a connection is kept for the next request.
    """

    seconds: ClassVar[float] = 60
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._begin(self.seconds)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:  # a request has come in
            self._begin(self.seconds)

    def on_response_complete(self) -> None:
        is_whole = self.conn.their_state is h11.DONE  # of a body that was too long, more may still be coming
        self._begin(self.seconds + (self.timeout_keep_alive if is_whole else 0))
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._end is not None:
            self._end.cancel()

    def _begin(self, seconds: float) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(seconds, self.transport.abort)
