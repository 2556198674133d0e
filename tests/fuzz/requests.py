"""Raw requests: near what SDKs send, and farther and farther from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote, quote_from_bytes

from hypothesis import strategies as st

from app.plan import Plan, Plans, RoutePattern

TEXTS = [
    "", "0", "1", "-1", "20;10", "0;0", "0:10", "a;b;c", "true", "None", "[3 TO 4]", "1-5", "500-", "%", "%2", "~01ab",
    "2026-01-02", "20260929", "01-02-2026", "create_time desc", "f1;f2;AD", "9" * 30, "1e9", "NaN", "-0", "1.50",
    "..", "../..", "a/b", "a\\b", "\r\nX-Injected: 1", "\0", "\u2028", "é", "𝄞", "<script>", "' OR 1=1", "${7*7}",
    "{}", "[]", '{"message": "m"}', '[{"userId": "1"}]', '{"a": {"b": []}}', "null", "x" * 500, " ", "a b",
]  # fmt: skip
NAMES = ["http_method", "oauth_token", "access_token", "perf", "tqx", "callback", "page", "paging", "x", "", "a[]", "é"]
METHODS = [b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"TRACE", b"BREW", b"get"]
SUFFIXES = [b".json", b"", b".xml", b".JSON", b"/", b".json/", b".yaml", b".json.xml", b"//", b"/.."]
ACCEPTS = [b"*/*", b"application/json", b"application/xml", b"text/html, image/gif, */*; q=0.2", b"", b"x/y"]
KINDS = [
    b"application/json", b"application/json; charset=utf-8", b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=cut", b"multipart/form-data", b"text/plain", b"", b"text/xml", b"a/b; charset=x",
]  # fmt: skip

text = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def targets(plans: Plans, values: dict[str, str]) -> list[tuple[str, RoutePattern, Plan]]:
    """Every route of every call with its parts filled in with what the sandbox knows."""
    found = []
    for plan in plans.calls.values():
        for route in plan.routes:
            parts = [values.get(part[1:-1], "1") if part.startswith("{") else part for part in route.segments]
            found.append(("/" + "/".join(quote(part, safe="~:;") for part in parts), route, plan))
    return found


@st.composite
def requests(draw: st.DrawFn, routes: Sequence[tuple[str, RoutePattern, Plan]], token: str) -> bytes:
    """One request as it stands on the wire."""
    path, route, plan = draw(st.sampled_from(routes))
    names = [name for param in plan.about.params if not param.is_part for name in param.names]
    method = route.method.encode() if draw(st.integers(0, 9)) < 7 else draw(st.sampled_from(METHODS))
    pair = st.tuples(st.sampled_from(names + NAMES) | text, text | st.just("1"))
    pairs = draw(st.lists(pair, max_size=draw(st.sampled_from([0, 1, 5]))))
    target = draw(_targets(path)) + draw(_suffixes())
    body, kind = b"", b""
    if method in {b"POST", b"PUT", b"DELETE"} and draw(st.integers(0, 9)) < 8:
        kind = draw(st.sampled_from(KINDS))
        body = draw(_bodies(kind, pairs))
    else:
        target += b"?" + draw(_queries(pairs))
    headers = [b"Host: www.upwork.com", *draw(_headers(token))]
    if kind:
        headers.append(b"Content-Type: " + kind)
    if body or method in {b"POST", b"PUT"}:
        headers.append(b"Content-Length: %d" % len(body))
    whole = method + b" " + target + b" HTTP/1.1\r\n" + b"\r\n".join([*headers, b"Connection: close", b"", body])
    return draw(_spoilt(whole)) if draw(st.integers(0, 9)) == 0 else whole


@st.composite
def _targets(draw: st.DrawFn, path: str) -> bytes:
    """A path with one of its parts exchanged for something else, now and then."""
    kind = draw(st.integers(0, 9))
    if kind < 6:
        return path.encode()
    parts = path.split("/")
    at = draw(st.integers(2, len(parts) - 1))
    given = draw(text) if kind < 9 else draw(st.binary(max_size=6)).decode("latin-1")
    parts[at] = quote(given, safe=draw(st.sampled_from(["", "~:;", "%~:;.", "/.~%"])))
    return "/".join(parts).encode()


def _suffixes() -> st.SearchStrategy[bytes]:
    return st.integers(0, 9).flatmap(lambda n: st.just(b".json") if n < 6 else st.sampled_from(SUFFIXES))


@st.composite
def _queries(draw: st.DrawFn, pairs: list[tuple[str, str]]) -> bytes:
    """A query as one SDK or another escapes it, some of it not at all."""
    safe = draw(st.sampled_from(["", ";,[]~:", "%&;=+"]))
    found = "&".join(f"{quote(name, safe=safe)}={quote(value, safe=safe)}" for name, value in pairs)
    lead = draw(st.sampled_from(["", "", "", "perf=1", "&", "perf=1&"]))
    raw = draw(st.binary(max_size=4)) if draw(st.integers(0, 9)) == 0 else b""
    return (lead + found).encode() + quote_from_bytes(raw).encode() + draw(st.sampled_from([b"", b"", b"&", b"&&x"]))


@st.composite
def _bodies(draw: st.DrawFn, kind: bytes, pairs: list[tuple[str, str]]) -> bytes:
    """A body of the kind that it says, mostly."""
    if b"json" in kind or not kind:
        leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | text
        value = leaf if draw(st.booleans()) else st.recursive(leaf, lambda below: st.lists(below, max_size=3))
        found = json.dumps({name: draw(value) for name, _ in pairs}, ensure_ascii=draw(st.booleans()))
        encoding = draw(st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-16"]))
        return found.encode(encoding, "replace")
    if b"multipart" in kind:
        made = b"".join(
            b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
            for name, value in pairs
        )
        return made + draw(st.sampled_from([b"--cut--\r\n", b"--cut--", b"", b"--cu"]))
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60))
    return draw(_queries(pairs))


@st.composite
def _headers(draw: st.DrawFn, token: str) -> list[bytes]:
    """Mostly a credential that is taken; what else a client may say."""
    bearer = token.encode()
    ways = [b"Bearer " + bearer] * 24 + [b"bearer " + bearer]
    ways += [b"Bearer x", b"Basic YTpi", b"OAuth x=1", b"Bearer", b"\xff"]
    found = [b"Authorization: " + draw(st.sampled_from(ways))]
    more = draw(st.integers(0, 40))
    if more == 0:
        found = []
    elif more == 1:
        found *= 2
    elif more == 2:
        found += [b"H%d: x" % number for number in range(draw(st.sampled_from([5, 150])))]
    elif more == 3:
        found.append(b"X-Big: " + b"x" * draw(st.sampled_from([100, 40_000])))
    elif more == 4:
        found.append(b"Content-Encoding: gzip")
    return [*found, b"Accept: " + draw(st.sampled_from(ACCEPTS))]


@st.composite
def _spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """A request with a piece of it lost, doubled, or exchanged."""
    at = draw(st.integers(0, len(whole)))
    length = draw(st.integers(0, 8))
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return whole[:at] + whole[at + length :]
    if kind == 1:
        return whole[: at + length] + whole[at:]
    return whole[:at] + draw(st.binary(max_size=8)) + whole[at:]
