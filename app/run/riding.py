"""Reads that wait for leave to be sent, and ride together when it comes.

A car is for one credential, token and organisation. It waits for its leave while riders join it, and goes with all who
are in it then; one that is full is followed by the next. A rider keeps its own deadline, and may get out at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from app.errors import OverloadedError, ProxyError, RateError
from app.run.budget import SECOND_LATE
from app.run.merging import MOST_CHARACTERS, MOST_RIDERS


class Passenger(Protocol):
    """What a car must know of who rides."""

    @property
    def document(self) -> str:
        """Its question."""
        ...

    @property
    def deadline(self) -> float:
        """Until when its answer is of use."""
        ...


P = TypeVar("P", bound=Passenger)
E = TypeVar("E")
#: waits for leave to send for a credential until a deadline, and holds it
Leave = Callable[[str, float], AbstractAsyncContextManager[float]]


class LeaveOverError(Exception):
    """A request was kept back because its leave was over when it would have gone out; nothing of it left."""


@dataclass(slots=True)
class _Seat(Generic[P, E]):
    """A rider and what it waits for."""

    rider: P
    end: asyncio.Future[E]


@dataclass(slots=True)
class _Car(Generic[P, E]):
    """Riders of one credential and organisation."""

    who: str
    seats: list[_Seat[P, E]] = field(default_factory=list)
    characters: int = 0
    has_left: bool = False

    def taken(self) -> list[_Seat[P, E]]:
        """Who is still in it."""
        return [seat for seat in self.seats if not seat.end.done()]


class Cars(Generic[P, E]):
    """The cars that wait. `send` gives each rider its end, in order, while their leave holds."""

    def __init__(
        self,
        clock: Callable[[], float],
        leave: Leave,
        send: Callable[[Sequence[P], float], Awaitable[Sequence[E]]],
        *,
        most_waiting: int,
    ) -> None:
        self._clock = clock
        self._leave = leave
        self._send = send
        self._most = most_waiting
        self._open: dict[Hashable, _Car[P, E]] = {}
        self._driving: set[asyncio.Task[None]] = set()
        self.waiting = 0

    async def ride(self, who: str, key: Hashable, rider: P) -> E:
        """How the rider's question ended. Raises ProxyError where it was not sent, TimeoutError where it was."""
        if self.waiting >= self._most:
            problem = "Too many requests wait for the upstream; try again shortly"
            raise OverloadedError(problem, detail="queue full", retry_after_seconds=1)
        seat: _Seat[P, E] = _Seat(rider, asyncio.get_running_loop().create_future())
        car = self._board(who, key, seat)
        self.waiting += 1
        try:
            async with asyncio.timeout(max(0.0, rider.deadline - self._clock())):
                return await seat.end
        except TimeoutError:
            if car.has_left:
                raise
            raise RateError(SECOND_LATE, retry_after_seconds=1) from None
        finally:
            self.waiting -= 1
            seat.end.cancel()

    def _board(self, who: str, key: Hashable, seat: _Seat[P, E]) -> _Car[P, E]:
        size = len(seat.rider.document)
        car = self._open.get(key)
        if car is None or len(car.seats) >= MOST_RIDERS or car.characters + size > MOST_CHARACTERS:
            car = self._open[key] = _Car(who)
            task = asyncio.create_task(self._drive(key, car))
            self._driving.add(task)
            task.add_done_callback(self._driving.discard)
        car.seats.append(seat)
        car.characters += size
        return car

    async def _drive(self, key: Hashable, car: _Car[P, E]) -> None:
        """Wait for leave as long as somebody is in the car, and go."""
        try:
            while seats := car.taken():
                await self._try(key, car, max(seat.rider.deadline for seat in seats))
        except asyncio.CancelledError:
            for seat in car.taken():
                seat.end.cancel()
            raise
        except Exception as error:
            for seat in car.taken():
                seat.end.set_exception(error)
        finally:
            self._close(key, car)

    async def _try(self, key: Hashable, car: _Car[P, E], deadline: float) -> None:
        try:
            async with self._leave(car.who, deadline) as ends:
                await self._go(key, car, ends)
        except LeaveOverError:
            car.has_left = False
        except ProxyError:
            # Who came later has more time.
            if car.has_left or self._clock() < deadline:
                raise

    async def _go(self, key: Hashable, car: _Car[P, E], ends: float) -> None:
        self._close(key, car)
        car.has_left = True
        seats = car.taken()
        if not seats:
            return
        for seat, end in zip(seats, await self._send([seat.rider for seat in seats], ends), strict=True):
            if not seat.end.done():
                seat.end.set_result(end)

    def _close(self, key: Hashable, car: _Car[P, E]) -> None:
        """Let nobody board it any more."""
        if self._open.get(key) is car:
            del self._open[key]

    async def close(self) -> None:
        """End; who waits is told so by its cancellation."""
        for task in self._driving:
            task.cancel()
        await asyncio.gather(*self._driving, return_exceptions=True)
