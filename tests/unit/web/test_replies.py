"""A reply or an error to bytes, in JSON and in XML."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CredentialError, ProxyError, RequestError, UnknownOutcomeError, UpstreamBusyError
from app.message import LegacyReply
from app.web.replies import encode, header_text, render_error, render_reply

NOW = 1676019520.7


def now() -> float:
    """The time of every error."""
    return NOW


def headers_of(rendered: Any) -> dict[str, str]:
    """Headers as a client reads them."""
    return {name.decode().lower(): value.decode() for name, value in rendered.headers}


# --- errors


def test_render_error__json__has_the_legacy_body_and_both_headers() -> None:
    """The body that one recorded error had, and the headers that two SDKs build their texts from."""
    error = CredentialError("The access token is invalid or has expired", detail="secret of ours", mend="renew it")

    rendered = render_error(error, "json", "request-one", now)

    text = "The access token is invalid or has expired"
    assert json.loads(rendered.body) == {
        "server_time": 1676019520,
        "error": {"status": 401, "code": 401, "message": text},
    }
    assert (rendered.status, headers_of(rendered)) == (
        401,
        {
            "content-type": "application/json",
            "x-request-id": "request-one",
            "x-upwork-error-code": "401",
            "x-upwork-error-message": text,
            "proxy-status": 'heirloom; error="A401"',
            "cache-control": "no-store",
        },
    )


def test_render_error__xml__has_the_same_members() -> None:
    """The format asked for is the format of the error too."""
    rendered = render_error(RequestError("Parameter 'a' < 1 & \"b\""), "xml", "r", now)

    root = ElementTree.fromstring(rendered.body)
    assert headers_of(rendered)["content-type"] == "application/xml"
    assert [(one.tag, one.text) for one in root.iter() if one.text] == [
        ("server_time", "1676019520"),
        ("status", "400"),
        ("code", "400"),
        ("message", "Parameter 'a' < 1 & \"b\""),
    ]


@pytest.mark.parametrize("seconds", [0, 3])
def test_render_error__wait_known__says_when_to_come_back(seconds: int) -> None:
    """A wait is passed on; without one there is no such header."""
    rendered = render_error(UpstreamBusyError("Too many requests", retry_after_seconds=seconds), "json", "r", now)
    other = render_error(UpstreamBusyError("Too many requests"), "json", "r", now)

    assert (headers_of(rendered)["retry-after"], headers_of(other).get("retry-after")) == (str(seconds), None)


def test_render_error__same_status__tells_our_codes_apart() -> None:
    """A write of unknown fate is 502 to old clients, and told apart by `Proxy-Status`."""
    rendered = render_error(UnknownOutcomeError("look before you repeat it"), "json", "r", now)

    assert (rendered.status, headers_of(rendered)["proxy-status"]) == (502, 'heirloom; error="U520"')


# --- headers

LINE = re.compile(r"[\x20-\x7e]*")


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Parameter 'x' is required", "Parameter 'x' is required"),
        ('must be ["a"]', "must be ['a']"),
        ("a\\b", "a/b"),
        ("a\r\nX-Injected: 1", "a??X-Injected: 1"),
        ("café\u2028\x00\x7f", "caf????"),
        ("x" * 2000, "x" * 1000),
    ],
)
def test_header_text__any_text__is_one_line_of_ascii(text: str, header: str) -> None:
    """What one SDK pastes into JSON, and what ends a header, is replaced."""
    assert header_text(text) == header


@given(st.text(), st.text())
def test_render__any_text_of_a_caller__cannot_make_a_header(name: str, value: str) -> None:
    """Names of unknown parameters and the texts of errors come from callers; no header shows a line break of theirs."""
    warned = render_reply(LegacyReply({}, warnings=(f"parameter '{name}'", value)), "json", "r")
    failed = render_error(RequestError(value), "json", "r", now)

    for rendered in (warned, failed):
        assert [one for one in headers_of(rendered).values() if not LINE.fullmatch(one)] == []


def test_render_reply__warnings__stand_in_one_header() -> None:
    """What the caller should know is joined; nothing to know is no header."""
    rendered = render_reply(LegacyReply({"a": 1}, warnings=("one", "two")), "json", "request-one")
    quiet = render_reply(LegacyReply({"a": 1}), "json", "request-one")

    assert headers_of(rendered)["x-heirloom-warning"] == "one; two"
    assert headers_of(quiet) == {"content-type": "application/json", "x-request-id": "request-one"}


def test_render_reply__headers_of_the_reply__are_made_safe() -> None:
    """A reply's own headers pass the same gate."""
    rendered = render_reply(LegacyReply({}, headers={"X-Total": "a\r\nb"}), "json", "r")

    assert headers_of(rendered)["x-total"] == "a??b"


# --- JSON


def test_encode__json__keeps_texts_as_they_are() -> None:
    """Clients read UTF-8; nothing is escaped beyond what JSON asks for."""
    assert encode({"a": "é/ü\u2028\x01"}, "json") == '{"a":"é/ü\u2028\\u0001"}'.encode()


# --- XML


@pytest.mark.parametrize(
    ("body", "xml"),
    [
        ({}, ""),
        ({"a": "x"}, "<a>x</a>"),
        ({"a": None, "b": ""}, "<a></a><b></b>"),
        ({"a": True, "b": False, "c": 0, "d": 1.5}, "<a>true</a><b>false</b><c>0</c><d>1.5</d>"),
        ({"a": {"b": {"c": "x"}}}, "<a><b><c>x</c></b></a>"),
        ({"a": []}, ""),
        ({"a": ["x"]}, "<a>x</a>"),
        ({"a": ["x", "y"]}, "<a>x</a><a>y</a>"),
        ({"a": [{"b": 1}, {"b": 2}]}, "<a><b>1</b></a><a><b>2</b></a>"),
        ({"rows": [["67", "why", "x"]]}, "<rows><item>67</item><item>why</item><item>x</item></rows>"),
        ({"rows": [[["a"]]]}, "<rows><item><item>a</item></item></rows>"),
        ({"a": "<b> & 'c' \"d\" ]]>"}, "<a>&lt;b&gt; &amp; 'c' \"d\" ]]&gt;</a>"),
        ({"users": {"~01ab": {"n": 1}}}, '<users><item key="~01ab"><n>1</n></item></users>'),
        ({"a²": "x"}, '<item key="a²">x</item>'),
        ({"": [["x"]]}, '<item key=""><item>x</item></item>'),
        ({"users": {"1": "x"}}, '<users><item key="1">x</item></users>'),
        ({"users": {'a"b<&': "x"}}, '<users><item key="a&quot;b&lt;&amp;">x</item></users>'),
        ({"users": {"": "x"}}, '<users><item key="">x</item></users>'),
        ({"users": {"a:b": "x", "xml": "y"}}, '<users><item key="a:b">x</item><xml>y</xml></users>'),
        ({"job__title": "x", "a.b-c": "y"}, "<job__title>x</job__title><a.b-c>y</a.b-c>"),
    ],
)
def test_encode__xml__has_the_members_of_the_json(body: dict[str, Any], xml: str) -> None:
    """A list is its member repeated; a name that XML does not take, or a list in a list, becomes `item`."""
    lead = '<?xml version="1.0" encoding="UTF-8"?>\n'

    assert encode(body, "xml").decode() == f"{lead}<response>{xml}</response>"


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_encode__character_that_xml_has_not__is_replaced(letter: str) -> None:
    """One bell in a message does not make the whole answer unreadable."""
    body = encode({"message": f"a{letter}b", "users": {f"k{letter}": "x"}}, "xml")

    root = ElementTree.fromstring(body)

    assert (root.findtext("message"), root.find("users/item").get("key")) == ("a\ufffdb", "k\ufffd")  # type: ignore[union-attr]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES))
def test_encode__any_body__is_well_formed_xml(body: dict[str, Any]) -> None:
    """Whatever an answer holds, an XML reader can read it."""
    root = ElementTree.fromstring(encode(body, "xml"))

    assert root.tag == "response"


def test_render_error__every_kind__has_a_code_of_its_own_form() -> None:
    """Codes are a letter and three digits, for log readers and for `Proxy-Status`."""
    kinds = {kind.code for kind in _below(ProxyError)}

    assert [code for code in kinds if not re.fullmatch(r"[A-Z]\d{3}", code)] == []


def _below(kind: type[ProxyError]) -> set[type[ProxyError]]:
    return {kind} | {one for below in kind.__subclasses__() for one in _below(below)}
