"""Send raw requests and judge every answer: `python -m tests.fuzz --requests 50000`.

The same seed makes the same requests. Answers are sorted by status; what is not as old clients need it is a finding:
a 500 of our own, an error of another form, an answer that never came, an answer where no request was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.raw import Answer, Connection, Hung, Unreadable, complaint

#: a batch is one test of hypothesis: its engine keeps what it drew, which one of fifty thousand would make slow
BATCH = 500
#: more of them say nothing new
MOST_FINDINGS = 20


@dataclass
class Tally:
    """What came back."""

    sent: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, bytes]] = field(default_factory=list)

    def summary(self) -> str:
        """One line."""
        statuses = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        return f"{self.sent} requests, {len(self.findings)} findings: {statuses}"


def fuzz(port: int, requests: st.SearchStrategy[bytes], count: int, first_seed: int = 1) -> Tally:
    """Send `count` requests, each on a connection of its own, and judge what comes back."""
    tally = Tally()
    for number in _batches(count):
        _batch(port, requests, min(BATCH, count - tally.sent), first_seed + number, tally)
        if len(tally.findings) >= MOST_FINDINGS:
            break
    return tally


def _batches(count: int) -> Iterator[int]:
    yield from range(-(-count // BATCH))


def _batch(port: int, requests: st.SearchStrategy[bytes], count: int, seed_of_it: int, tally: Tally) -> None:
    @seed(seed_of_it)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests)
    def send(raw: bytes) -> None:
        tally.sent += 1
        problem = judge(port, raw, tally)
        if problem:
            tally.findings.append((problem, raw))

    before = tally.sent
    while tally.sent - before < count:
        done = tally.sent
        send()
        if tally.sent == done:
            break


def judge(port: int, raw: bytes, tally: Tally | None = None) -> str:
    """What is wrong with the answer to some bytes; empty where nothing is."""
    has_body = not raw.startswith(b"HEAD ")
    try:
        with Connection(port) as connection:
            connection.send(raw)
            # Half a request has no answer until it is known that nothing more comes.
            connection.end()
            answers = list(_answers(connection, has_body=has_body))
    except Hung:
        return "hung"
    except (Unreadable, ValueError) as error:
        return f"unreadable: {error}"
    except OSError as error:
        return f"refused: {error}"
    if tally is not None:
        tally.statuses.update(str(answer.status) for answer in answers)
        tally.statuses.update([] if answers else ["closed"])
    return next((found for answer in answers if (found := _wrong(answer, has_body=has_body))), "")


def _answers(connection: Connection, *, has_body: bool) -> Iterator[Answer]:
    while (answer := connection.answer(has_body=has_body)) is not None:
        yield answer


def _wrong(answer: Answer, *, has_body: bool) -> str:
    if "x-injected" in answer.headers:
        return "a header of the caller's"
    return complaint(answer, has_body=has_body)
