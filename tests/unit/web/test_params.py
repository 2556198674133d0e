"""Query and body to one bag of parameters, whatever form they came in."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.errors import RequestError
from app.web.params import overridden_method, read_body, read_params, without_noise

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=cut"


def parts(*fields: tuple[str, str], end: str = "--cut--\r\n") -> bytes:
    """A multipart body."""
    made = [f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields]
    return ("".join(made) + end).encode()


# --- query


@pytest.mark.parametrize(
    ("query", "params"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=", {"a": ""}),
        (b"a", {"a": ""}),
        (b"page=20;10", {"page": "20;10"}),
        (b"page=20%3B10", {"page": "20;10"}),
        (b"codes=a;b;c&x=1", {"codes": "a;b;c", "x": "1"}),
        (b"time=2008-09-09%2000:00:01", {"time": "2008-09-09 00:00:01"}),
        (b"time=2008-09-09+00:00:01", {"time": "2008-09-09 00:00:01"}),
        (b"key=~01ab&k=%7E01cd", {"key": "~01ab", "k": "~01cd"}),
        (b"q=caf%C3%A9", {"q": "café"}),
        ("q=café".encode(), {"q": "café"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"&&a=1&", {"a": "1"}),
    ],
)
def test_read_params__query__is_read_as_clients_write_it(query: bytes, params: dict[str, str]) -> None:
    """A semicolon is data, never a separator; a name may have no value."""
    assert read_params(query, "", b"") == params


@pytest.mark.parametrize(
    ("query", "params"),
    [
        (b"perf=1limit=2&x=1", {"limit": "2", "x": "1"}),
        (b"perf=1buyer_team__reference=123", {"buyer_team__reference": "123"}),
        (b"perf=1", {"perf": "1"}),
        (b"perf=1&limit=2", {"perf": "1", "limit": "2"}),
        (b"limit=2&perf=1x=1", {"limit": "2", "perf": "1x=1"}),
    ],
)
def test_read_params__first_parameter_glued_to_perf__is_freed(query: bytes, params: dict[str, str]) -> None:
    """One SDK forgets the separator behind `perf=1`; only there."""
    assert read_params(query, "", b"") == params


@pytest.mark.parametrize("query", [b"q=%FF", b"q=\xff", b"%E9=1"])
def test_read_params__no_utf8__is_refused(query: bytes) -> None:
    """What is no text is told."""
    with pytest.raises(RequestError, match="not valid UTF-8"):
        read_params(query, "", b"")


# --- bodies


@pytest.mark.parametrize(
    ("kind", "body", "params"),
    [
        (JSON, b'{"a": "x", "b": 5, "c": true, "d": false, "e": 1.5}',
         {"a": "x", "b": "5", "c": "true", "d": "false", "e": "1.5"}),
        ("application/json; charset=utf-8", '{"a": "é"}'.encode(), {"a": "é"}),
        ("Application/JSON", b'{"a": "x"}', {"a": "x"}),
        ("text/json", b'{"a": "x"}', {"a": "x"}),
        ("", b'{"a": "x"}', {"a": "x"}),
        ("text/plain", b' {"a": "x"}', {"a": "x"}),
        ("application/octet-stream", b'{"a": "x"}', {"a": "x"}),
        (FORM, b"a=x&b=5", {"a": "x", "b": "5"}),
        ("application/x-www-form-urlencoded; charset=UTF-8", b"a=x", {"a": "x"}),
        (FORM, b"story=%7B%22message%22%3A%22hi%22%7D", {"story": '{"message":"hi"}'}),
        ("text/plain", b"a=x", {"a": "x"}),
        (MULTIPART, parts(("a", "x"), ("b", "5")), {"a": "x", "b": "5"}),
        ("multipart/form-data; boundary=\"cut\"", parts(("a", "é")), {"a": "é"}),
        (JSON, b"", {}),
        (FORM, b" \r\n", {}),
        (MULTIPART, b"", {}),
    ],
)  # fmt: skip
def test_read_body__each_kind__gives_the_same_flat_parameters(kind: str, body: bytes, params: dict[str, str]) -> None:
    """Every SDK's form of body becomes texts by name; numbers and booleans of JSON stand for their text."""
    assert read_body(kind, body) == params


def test_read_body__lists_and_objects_in_json__stay_as_they_are() -> None:
    """What a parameter holds is the mapping's to read."""
    body = {"rooms": ["a", "b"], "story": {"message": "hi", "n": 5}, "none": None, "nested": [[1, [2]], {"a": [True]}]}

    assert read_body(JSON, orjson.dumps(body)) == body


def test_read_body__json_in_latin_1__is_read() -> None:
    """One SDK says JSON and sends Latin-1."""
    assert read_body(JSON, '{"message": "café"}'.encode("latin-1")) == {"message": "café"}


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        (JSON, b'{"a": ', "The body is not well-formed JSON"),
        (JSON, b"a=1", "The body is not well-formed JSON"),
        ("", b"a=1", "The body is not well-formed JSON"),
        (JSON, b'{"a": \xff}', "The body is not well-formed JSON"),
        ("application/json; charset=UTF-8", b'{"a": "\xe9"}', "The body is not valid UTF-8"),
        (JSON, b"{'a': 1}", "The body is not well-formed JSON"),
        (JSON, b'{"a": NaN}', "The body is not well-formed JSON"),
        (JSON, b"[1]", "The body must be a JSON object"),
        (JSON, b'"x"', "The body must be a JSON object"),
        (JSON, b"null", "The body must be a JSON object"),
        (FORM, b"a=%FF", "The parameters are not valid UTF-8"),
        (FORM, b"a=\xe9", "The parameters are not valid UTF-8"),
        (JSON, b'{"a": "\\ud800"}', "The body is not well-formed JSON"),
        (JSON, b'{"a": 1, "b": 2, "a": 3}', "The body has 'a' twice"),
        (JSON, b'{"story": {"a": 1, "a": 1}}', "The body has 'a' twice"),
        (JSON, b'{"a": "x\\u0000y"}', "The body holds a null character"),
        (JSON, b'{"a\\u0000": "x"}', "The body holds a null character"),
        (JSON, b'{"a": ' + b"[" * 16 + b"]" * 16 + b"}", "The body is nested deeper than 16 levels"),
        (JSON, b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b"}", "The body is nested deeper than 16 levels"),
        (JSON, b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b', "a": 1}', "The body is nested deeper than 16 levels"),
        (FORM, b"a=1&b=2&a=1", "Parameter 'a' is given twice"),
        (FORM, b"http_method=put&http_method=delete", "Parameter 'http_method' is given twice"),
        (FORM, b"a=x%00y", "A parameter holds a null character"),
        (FORM, b"a%00=x", "A parameter holds a null character"),
        (MULTIPART, parts(("a", "x"), ("a", "y")), "Parameter 'a' is given twice"),
        (MULTIPART, parts(("a", "x\0y")), "A parameter holds a null character"),
        (MULTIPART, parts(("a", "é")).decode().encode("latin-1"), "The parameters are not valid UTF-8"),
        (MULTIPART, parts(("a", "x"), ("b", "y"), end=""), "The multipart body cannot be read"),
        (MULTIPART, parts(("a", "x"), ("b", "y"))[:-25], "The multipart body cannot be read"),
        (MULTIPART, b"no parts at all", "The multipart body cannot be read"),
        ("multipart/form-data", parts(("a", "x")), "The multipart body cannot be read"),
        (MULTIPART, b'--cut\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\nx\r\n--cut--\r\n',
         "Files are not taken"),
    ],
)  # fmt: skip
def test_read_body__broken__says_what_is_wrong(kind: str, body: bytes, text: str) -> None:
    """A body that cannot be read is 400 with a reason, and never a fault of ours."""
    with pytest.raises(RequestError) as caught:
        read_body(kind, body)

    assert caught.value.message == text


@pytest.mark.parametrize("depth", [16, 500, 100_000])
def test_read_body__deeply_nested_json__is_refused(depth: int) -> None:
    """No nesting breaks the reading, nor what reads the parameters after it."""
    body = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"

    with pytest.raises(RequestError):
        read_body(JSON, body)


def test_read_body__nested_as_far_as_it_may__is_read() -> None:
    """The limit itself is within it."""
    body = b'{"a": ' + b"[" * 15 + b"]" * 15 + b"}"

    assert list(read_body(JSON, body)) == ["a"]


def test_read_body__byte_order_mark__is_passed_by() -> None:
    """Clients of one family begin their JSON with it."""
    assert read_body(JSON, b'\xef\xbb\xbf{"a": "x"}') == {"a": "x"}


@pytest.mark.parametrize(
    ("query", "kind", "body"),
    [
        (b"&".join(b"a%d=1" % n for n in range(21)), "", b""),
        (b"&" * 21, "", b""),
        (b"", FORM, b"&".join(b"a%d=1" % n for n in range(21))),
        (b"", JSON, orjson.dumps({str(n): 1 for n in range(21)})),
        (b"", MULTIPART, parts(*((str(n), "x") for n in range(21)))),
    ],
    ids=["query", "separators alone", "form", "json", "multipart"],
)
def test_read_params__more_than_the_limit__is_refused(query: bytes, kind: str, body: bytes) -> None:
    """Wherever they stand, twenty-one are more than twenty."""
    with pytest.raises(RequestError, match="A request may have 20 parameters at most"):
        read_params(query, kind, body, 20)


def test_read_params__signature_and_noise_given_twice__is_passed_by() -> None:
    """What SDKs and their libraries add does not make a request ambiguous."""
    query = b"oauth_nonce=1&oauth_nonce=2&perf=1&perf=2&tqx=a&tqx=b&x=1"

    assert without_noise(read_params(query, "", b"")) == {"x": "1"}


@pytest.mark.parametrize("query", [b"a=1&a=1", b"a=1&b=2&a=", b"a&a", b"%61=1&a=2", b"access_token=x&access_token=y"])
def test_read_params__given_twice_in_the_query__is_refused(query: bytes) -> None:
    """Either may be the one that is meant, so none is."""
    with pytest.raises(RequestError, match="is given twice"):
        read_params(query, "", b"")


def test_read_params__query_and_body__the_body_wins() -> None:
    """A parameter in both places is taken from the body."""
    assert read_params(b"a=query&b=query", JSON, b'{"a": "body"}') == {"a": "body", "b": "query"}


# --- what SDKs send beside


def test_without_noise__what_sdks_add__is_left_out() -> None:
    """Signatures, method overrides, tokens and format words belong to no call."""
    params: dict[str, Any] = {
        "limit": "2",
        "oauth_consumer_key": "k",
        "oauth_signature": "s",
        "oauth_verifier": "v",
        "http_method": "put",
        "perf": "1",
        "tqx": "out:json",
        "access_token": "t",
        "author": "x",
    }

    assert without_noise(params) == {"limit": "2", "author": "x"}


@pytest.mark.parametrize(
    ("method", "asked", "meant"),
    [
        ("POST", "put", "PUT"),
        ("POST", "DELETE", "DELETE"),
        ("POST", "Get", "GET"),
        ("POST", "post", "POST"),
        ("POST", "", "POST"),
        ("POST", None, "POST"),
        ("GET", "delete", "GET"),
        ("PUT", "delete", "PUT"),
        ("DELETE", "put", "DELETE"),
    ],
)
def test_overridden_method__http_method__turns_a_post_only(method: str, asked: Any, meant: str) -> None:
    """`http_method` changes what a POST means, and nothing else; no link can make a GET delete something."""
    params = {} if asked is None else {"http_method": asked}

    assert overridden_method(method, params) == meant


@pytest.mark.parametrize("asked", ["patch", "head", "put ", ["put"], "5"])
def test_overridden_method__another_word__is_refused(asked: Any) -> None:
    """A POST that was meant as something else creates nothing."""
    with pytest.raises(RequestError, match="'http_method' must be put or delete"):
        overridden_method("POST", {"http_method": asked})
