"""Signatures over what was really sent, in every placement of the recorded SDKs, and over letters that are awkward."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import get_args
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.admission import Presented
from app.access.signatures import BadSignature, read_signed
from app.observe.log import set_up_logging
from tests.unit.access.signing import FORM, Call, Placement, Secrets

OWN = Secrets()
MULTIPART = "multipart/form-data; boundary=x"

#: how each SDK signs: legacy clients, OAuth1
SDKS = {
    "python-upwork 2 GET": Call(query="page=0%3B20", placement="query"),
    "python-upwork 2 POST": Call("POST", body=b'{"a": 1}', content_type="application/json", placement="query"),
    "python-upwork 2 token": Call("POST", "/api/auth/v1/oauth/token/request", placement="header"),
    "python-upwork 1.3.7 GET": Call(query="include_sub_teams=True", placement="query"),
    "python-upwork 1.3.7 POST": Call("POST", body=b"comments=a%20b", placement="body"),
    "python-upwork 1.3.7 PUT": Call(
        "PUT", body=b"{}", content_type="application/json", placement="query",
        protocol={"oauth_body_hash": "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
    ),
    "python-upwork 1.3.7 codes": Call("GET", "/api/otask/v1/tasks/companies/c/teams/t/tasks/T-1%3BT-2.json"),
    "upwork-api": Call(path="/api/hr/v2/users/me", placement="header without spaces", content_type=FORM),
    "upwork-api DELETE": Call("POST", body=b"http_method=delete", content_type=FORM, placement="header"),
    "php-upwork POST": Call("POST", body=b"http_method=put&a=%C3%A9", placement="body"),
    "ruby-upwork glued": Call(query="perf=1q=python&title=x", placement="header"),
    "ruby-upwork bare": Call(query="perf=1", placement="header"),
    "java-upwork": Call(query="hourly_rate=[20 TO 40]&status=a;b&".replace(" ", "%20"), placement="header"),
    "java-upwork callback": Call("POST", "/api/auth/v1/oauth/token/request", protocol={"oauth_callback": ""}),
    "golang-upwork": Call("POST", body=b'{"a":"b"}', content_type="application/json", placement="header"),
    "codes in the path": Call("GET", "/api/otask/v1/tasks/companies/a:b/tasks/T-1;T-2.json"),
    "profile keys": Call("GET", "/api/profiles/v1/providers/~0123;~0456.json"),
    "zero change": Call(scheme="https", host="www.upwork.com"),
    "default port": Call(scheme="https", host="www.upwork.com:443"),
    "capitals": Call(host="Proxy.Example:8000"),
    "multipart": Call("POST", body=b"--x--", content_type=MULTIPART, placement="header"),
    "sha256": Call(algorithm="HMAC-SHA256"),
}  # fmt: skip


@pytest.mark.parametrize("call", SDKS.values(), ids=SDKS)
def test_read_signed__form_of_an_sdk__is_by_its_secrets_alone(call: Call) -> None:
    """The right secrets made it, and no others."""
    found = read_signed(call.signed(OWN))

    assert found.is_by("consumer-secret", "token-secret")
    assert not found.is_by("consumer-secret", "other")
    assert not found.is_by("other", "token-secret")
    assert not found.is_by("", "")
    assert (found.consumer, found.token) == ("consumer-key", "token")


def test_read_signed__port_of_the_scheme__is_left_out() -> None:
    """`https://host` and `https://host:443` are one address."""
    sent = Call(scheme="https", host="www.upwork.com").signed(OWN)

    with_port = replace(sent, headers={**sent.headers, "host": "www.upwork.com:443"})

    assert read_signed(with_port).is_by("consumer-secret", "token-secret")


TAMPERED = {
    "method": lambda sent: replace(sent, method="POST"),
    "scheme": lambda sent: replace(sent, scheme="https"),
    "path": lambda sent: replace(sent, path=sent.path + b"x"),
    "suffix": lambda sent: replace(sent, path=sent.path.removesuffix(b".json")),
    "query": lambda sent: replace(sent, query=sent.query + b"&more=1"),
    "value": lambda sent: replace(sent, query=sent.query.replace(b"20", b"21")),
    "host": lambda sent: replace(sent, headers={**sent.headers, "host": "127.0.0.1:8001"}),
    "nonce": lambda sent: _in_header(sent, 'oauth_nonce="', 'oauth_nonce="0'),
    "token": lambda sent: _in_header(sent, 'oauth_token="token', 'oauth_token="tokem'),
    "timestamp": lambda sent: _in_header(sent, 'oauth_timestamp="1', 'oauth_timestamp="2'),
    "algorithm": lambda sent: _in_header(sent, "HMAC-SHA1", "HMAC-SHA256"),
    "another parameter": lambda sent: _in_header(sent, 'oauth_version="1.0"', 'oauth_version="1.0", x="1"'),
}


def _in_header(sent: Presented, old: str, new: str) -> Presented:
    header = sent.headers["authorization"]
    assert old in header
    return replace(sent, headers={**sent.headers, "authorization": header.replace(old, new, 1)})


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_read_signed__anything_changed__is_not_by_them(tamper: object) -> None:
    """A signature holds for one request."""
    sent = Call(query="page=0%3B20").signed(OWN)

    changed = tamper(sent)  # type: ignore[operator]

    assert not read_signed(changed).is_by("consumer-secret", "token-secret")


def test_read_signed__form_body_changed__is_not_by_them() -> None:
    """A urlencoded body is signed."""
    sent = Call("POST", body=b"charge_amount=10.00", placement="body").signed(OWN)

    changed = replace(sent, body=sent.body.replace(b"10.00", b"99.00"))

    assert not read_signed(changed).is_by("consumer-secret", "token-secret")


BROKEN = {
    "no parameters": Presented("GET", "http", b"/x", b"", {"host": "h", "authorization": "OAuth "}, b"", {}),
    "in two places": replace(Call().signed(OWN), query=b"oauth_token=other"),
    "twice": _in_header(Call().signed(OWN), 'oauth_token="token"', 'oauth_token="token", oauth_token="token"'),
    "twice in the query": replace(
        (sent := Call(placement="query").signed(OWN)), query=sent.query + b"&oauth_token=token"
    ),
    "plaintext": _in_header(Call().signed(OWN), "HMAC-SHA1", "PLAINTEXT"),
    "version": _in_header(Call().signed(OWN), 'oauth_version="1.0"', 'oauth_version="2.0"'),
    "no timestamp": _in_header(Call().signed(OWN), "oauth_timestamp", "oauth_time"),
    "timestamp in words": _in_header(Call().signed(OWN), 'oauth_timestamp="1', 'oauth_timestamp="x'),
    "no nonce": _in_header(Call().signed(OWN), "oauth_nonce", "oauth_once"),
    "empty signature": Call(protocol={"oauth_nonce": ""}).signed(OWN),
    "no host": replace(Call().signed(OWN), headers={"authorization": Call().signed(OWN).headers["authorization"]}),
    "a host with a path": replace(
        Call().signed(OWN), headers={**Call().signed(OWN).headers, "host": "127.0.0.1:8000/x?"}
    ),
    "header cut": replace(Call().signed(OWN), headers={"host": "h", "authorization": 'OAuth oauth_token="x", y'}),
    "not UTF-8": replace(Call(placement="query").signed(OWN), query=b"%ff=1&oauth_token=x"),
    "very long": Call(protocol={"oauth_nonce": "x" * 600}).signed(OWN),
}


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN)
def test_read_signed__not_as_the_rfc_has_it__is_refused(sent: Presented) -> None:
    """What is not whole is not looked at further; the text holds no value."""
    with pytest.raises(BadSignature) as caught:
        read_signed(sent)
    assert "token-secret" not in str(caught.value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PATHS = st.text(st.sampled_from("abz09~:;-._%[]@!$&'()*+,="), max_size=20).map(
    lambda text: "/api/" + quote(text, safe="~:;@!$&'()*+,=")
)


NAMES = TEXTS.filter(lambda name: not name.startswith("oauth_") and name != "realm")
ENCODINGS: dict[str, Callable[[dict[str, str]], str]] = {
    "+": urlencode,
    "%20": lambda pairs: urlencode(pairs, quote_via=quote),
}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call with whatever letters, escaped either way, signed in one of the places."""
    encode = ENCODINGS[draw(st.sampled_from(sorted(ENCODINGS)))]
    query, form = (encode(draw(st.dictionaries(NAMES, TEXTS, max_size=4))) for _ in range(2))
    method = draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
    placement: Placement = draw(st.sampled_from(get_args(Placement)))
    return Call(method, draw(PATHS), query, form.encode(), FORM, placement)


@given(calls(), TEXTS, TEXTS)
def test_read_signed__any_request__is_by_who_signed_it(call: Call, consumer_secret: str, token_secret: str) -> None:
    """Signed is verified, and other secrets did not sign it."""
    own = replace(OWN, consumer_secret=consumer_secret, token_secret=token_secret)

    found = read_signed(call.signed(own))

    assert found.is_by(consumer_secret, token_secret)
    assert not found.is_by(consumer_secret + "x", token_secret)


def test_set_up_logging__debug__prints_no_base_string(capsys: pytest.CaptureFixture[str]) -> None:
    """The library would print every parameter of a request whose signature is wrong."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up_logging("debug", "json")
        assert not read_signed(Call(query="message=private").signed(OWN)).is_by("other", "other")
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    assert "private" not in capsys.readouterr().out
