"""Converters: their examples, what they make of anything at all, and the edges of each."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.converters import CONVERTERS, TOPICS, ConversionError, Converter
from app.converters.instants import EPOCH, MILLISECOND
from app.emitted import narrow

#: what the kinds of this package are in Python
KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "record": (dict,),
    "any": (object,),
}
EXAMPLES = [(one, taken, made) for one in CONVERTERS.values() for taken, made in one.examples]


def named(name: str) -> Converter:
    """A converter by its name."""
    return CONVERTERS[name]


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "taken", "made"), EXAMPLES, ids=[f"{one.name} {taken!r}" for one, taken, _ in EXAMPLES]
)
def test_converter__example__holds(one: Converter, taken: Any, made: Any) -> None:
    """The examples that people read are true, types included, and of the kinds that the converter says."""
    found = one.convert(taken)

    assert (type(found), found) == (type(made), made)
    assert isinstance(taken, KINDS[one.takes])
    assert isinstance(found, KINDS[one.gives])


@pytest.mark.parametrize("one", CONVERTERS.values(), ids=list(CONVERTERS))
def test_converter__description__is_whole(one: Converter) -> None:
    """Each has words and examples, and a record's members are those it gives."""
    records = [made for _, made in one.examples if isinstance(made, dict)]

    assert one.doc
    assert one.examples
    assert all(tuple(record) == one.members for record in records)


def test_topics__every_function_with_examples__is_registered() -> None:
    """A converter of a topic cannot be forgotten: what a module holds and what is registered are the same."""
    public = {
        name
        for topic in TOPICS
        for name, value in vars(topic).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "") == topic.__name__
        and not inspect.isclass(value)
    }

    unregistered = public - CONVERTERS.keys()

    assert {CONVERTERS[name].convert.__module__ for name in CONVERTERS} == {topic.__name__ for topic in TOPICS}
    assert all(name.startswith("read_") for name in unregistered)


TEXTS = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="0123456789;:,.-+/ []{}\"'~TZNone", max_size=30),
    st.text(alphabet=st.characters(categories=["Nd", "Cs", "Zs", "Cc"]), max_size=10),
    st.sampled_from(["[" * 50_000, "{" * 50_000, "9" * 5_000, "[" + "9" * 5_000 + "]", "\ud800", "\x1c5", "[\ud800]"]),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "00010101", "1E+999999999", "1e400"]),
    st.sampled_from([taken for _, taken, _ in EXAMPLES if isinstance(taken, str)]).flatmap(
        lambda text: st.tuples(st.integers(0, len(text)), st.characters(categories=["L", "N", "P", "Z", "C"])).map(
            lambda change: text[: change[0]] + change[1] + text[change[0] :]
        )
    ),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(st.text(max_size=5), below, max_size=3)),
    max_leaves=5,
)
INPUTS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "number": st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    "boolean": st.booleans(),
    "list": st.lists(JSON, max_size=4),
    "record": st.dictionaries(st.text(max_size=5), JSON, max_size=4),
    "any": JSON,
}


@pytest.mark.parametrize("one", CONVERTERS.values(), ids=list(CONVERTERS))
def test_converter__anything_of_its_kind__gives_its_kind_or_conversion_error(one: Converter) -> None:
    """A converter never fails in any other way, whatever a caller or the upstream sends."""

    @settings(max_examples=60, deadline=None)
    @given(value=INPUTS[one.takes])
    def holds(value: Any) -> None:
        try:
            found = one.convert(value)
        except ConversionError as error:
            assert str(error)
        else:
            assert isinstance(found, KINDS[one.gives])

    holds()


@pytest.mark.parametrize("one", [one for one in CONVERTERS.values() if one.inline], ids=lambda one: str(one.name))
def test_inline__anything_of_its_kind__means_what_the_function_means(one: Converter) -> None:
    """An expression that stands for a call gives what the call gives; it takes its value once or more."""
    inline = eval(f"lambda value: {one.inline.format('value')}")

    @settings(max_examples=60, deadline=None)
    @given(value=st.one_of(INPUTS[one.takes], JSON))
    def holds(value: Any) -> None:
        made, meant = inline(value), one.convert(value)

        assert (type(made), made) == (type(meant), meant)

    holds()


@pytest.mark.parametrize("one", [one for one in CONVERTERS.values() if one.is_narrow], ids=lambda one: str(one.name))
def test_narrow__anything_that_it_takes__gives_what_all_write_alike(one: Converter) -> None:
    """No number beyond 64 bits, and no float that two writers of JSON write apart. Texts hold what was in the value."""

    @settings(max_examples=100, deadline=None)
    @given(value=INPUTS[one.takes])
    def holds(value: Any) -> None:
        try:
            found = one.convert(value)
        except ConversionError:
            return
        assert isinstance(found, str) or narrow(found) is found

    holds()


def refuses(name: str, value: Any) -> bool:
    """Whether a converter refuses a value."""
    try:
        named(name).convert(value)
    except ConversionError:
        return True
    return False


# --- instants --------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    ms=st.integers(-62_135_596_800_000 + 86_400_000, 253_402_300_799_999 - 86_400_000),
    offset=st.integers(-23 * 60, 23 * 60),
)
def test_epoch_ms__any_instant_in_any_zone__comes_back_exactly(ms: int, offset: int) -> None:
    """Milliseconds to an ISO text with an offset and back: nothing is lost to floats or zones."""
    zone = timezone(timedelta(minutes=offset))
    text = (EPOCH + ms * MILLISECOND).astimezone(zone).isoformat(timespec="milliseconds")

    assert named("epoch_ms").convert(text) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("9999-12-31T23:59:59.999-14:00", 253_402_351_199_999),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("2024-05-01T10:00:00.123456Z", 1714557600123),
        ("2024-05-01T10:00:00+0530", 1714537800000),
    ],
)
def test_epoch_ms__edges__are_whole_milliseconds(text: str, ms: int) -> None:
    """The first and last years, either side of the epoch, and fractions, which are cut off downwards."""
    assert named("epoch_ms").convert(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "2024-05-01T10:00:00", "2024-05-01", "2024-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "now", "1714557600000",
     "2024-05-01T10:00:00+25:00", "\ud800", "\u0662\u0660\u0662\u0664-05-01T10:00:00Z"],
)  # fmt: skip
def test_epoch_ms__no_instant__is_refused(text: str) -> None:
    """Without an offset the zone would be a guess; anything else is no instant."""
    assert refuses("epoch_ms", text)


@settings(max_examples=50, deadline=None)
@given(moment=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_midnight_ms__any_instant__is_the_start_of_its_day(moment: datetime) -> None:
    """The day of an instant in UTC, before 1970 as well."""
    text = moment.replace(tzinfo=UTC).isoformat()

    ms = named("midnight_ms").convert(text)

    assert EPOCH + ms * MILLISECOND == moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2008-09-09T00:00:01", 1220918401000),
        (" 2008-09-09 ", 1220918400000),
        ("2008-09-09T00:00:01+02:00", 1220911201000),
        ("0001-01-01", -62_135_596_800_000),
        ("9999-12-31T23:59:59", 253_402_300_799_000),
    ],
)
def test_moment_ms__without_an_offset__counts_as_utc(text: str, ms: int) -> None:
    """The legacy API's times had no offset."""
    assert named("moment_ms").convert(text) == ms


@pytest.mark.parametrize("text", ["", "09/09/2008", "2008-9-9", "0000-01-01", "10000-01-01", "today", "\ud800"])
def test_moment_ms__no_date__is_refused(text: str) -> None:
    """Other forms are told, not guessed."""
    assert refuses("moment_ms", text)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("1589700120", "1589700120000"),
        ("99999999999", "99999999999000"),
        ("100000000000", "100000000000"),
        (" 1589700120000 ", "1589700120000"),
        ("999999999999999999", "999999999999999999"),
        ("\x1c5", "5000"),
    ],
)
def test_epoch_ms_text__digits__are_milliseconds(text: str, ms: str) -> None:
    """A number too small for milliseconds since 1973 counts as seconds."""
    assert named("epoch_ms_text").convert(text) == ms


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "1e3", "9" * 19, "9" * 5000, "\u0662\u0660", "\uff12\uff10", "0x10", "\ud800", "1_000"]
)
def test_epoch_ms_text__no_moment__is_refused(text: str) -> None:
    """Neither negative, nor too long, nor in digits of other scripts."""
    assert refuses("epoch_ms_text", text)


@pytest.mark.parametrize(
    ("zone", "seconds"),
    [
        ("UTC", 0),
        ("America/Denver", -25200),
        ("Australia/Sydney", 36000),
        ("Europe/Dublin", 0),
        ("America/St_Johns", -12600),
        ("Asia/Kathmandu", 20700),
    ],
)
def test_standard_offset_seconds__zones__are_told_without_saving(zone: str, seconds: int) -> None:
    """South of the equator January is summer, and Ireland's law calls its winter the time that is saved."""
    assert named("standard_offset_seconds").convert(zone) == seconds


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "America", "a\x00b", "x" * 9000]
)
def test_standard_offset_seconds__no_zone__is_refused(zone: str) -> None:
    """A name that leads nowhere, or out of the zones, is refused."""
    assert refuses("standard_offset_seconds", zone)


# --- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("20;10", {"offset": 20, "count": 10}),
        (" 20 ; 10 ", {"offset": 20, "count": 10}),
        ("0:1", {"offset": 0, "count": 1}),
        ("000;1000", {"offset": 0, "count": 1000}),
        ("999999999;1", {"offset": 999999999, "count": 1}),
    ],
)
def test_offset_count__window__is_read(text: str, window: dict[str, int]) -> None:
    """Offset and count, joined by either sign."""
    assert named("offset_count").convert(text) == window


@pytest.mark.parametrize(
    "text",
    ["", ";", "20", "20;", ";10", "20;0", "0;1001", "-1;10", "1;2;3", "1,2", "1.0;2", "1000000000;1",
     "\u0660;\u0661\u0660", "\uff10;\uff11",
     "9" * 5000 + ";1", "a;b", "\ud800;1"],
)  # fmt: skip
def test_offset_count__no_window__is_refused(text: str) -> None:
    """What is no window of 1 to 1000 rows is refused, in whatever script."""
    assert refuses("offset_count", text)


@pytest.mark.parametrize(("text", "count"), [("1", 1), ("1000", 1000), (" +20 ", 20), ("0020", 20), ("\x1c5\x1d", 5)])
def test_row_count__number__is_read(text: str, count: int) -> None:
    """A number of rows, with space around it or not."""
    assert named("row_count").convert(text) == count


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1001", "1.0", "ten", "\u0662\u0660", "²", "9" * 5000, "\ud800", "1 0"]
)
def test_row_count__no_number_of_rows__is_refused(text: str) -> None:
    """None, too many, or no number."""
    assert refuses("row_count", text)


# --- flags -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["1", "true", "True", "TRUE", " yes ", "on", True, 1])
def test_flag__the_ways_to_say_yes__are_true(value: Any) -> None:
    """Clients write flags in many ways."""
    assert named("flag").convert(value) is True


@pytest.mark.parametrize("value", ["0", "false", "False", " NO ", "off", False, 0])
def test_flag__the_ways_to_say_no__are_false(value: Any) -> None:
    """And their opposites."""
    assert named("flag").convert(value) is False


@pytest.mark.parametrize("value", ["", "2", "t", "yes!", "\u0661", None, [], {}, ["true"], 1.0, "\ud800"])
def test_flag__anything_else__is_refused(value: Any) -> None:
    """A flag is not guessed."""
    assert refuses("flag", value)


# --- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "items"),
    [("a", ["a"]), ("a;b", ["a", "b"]), (" a ; ;b;", ["a", "b"]), ("a,b", ["a,b"]), ("\ud800;b", ["\ud800", "b"])],
)
def test_semicolon_list__texts__are_taken_apart(text: str, items: list[str]) -> None:
    """Only `;` takes apart; blank items do not count."""
    assert named("semicolon_list").convert(text) == items


@pytest.mark.parametrize("text", ["", ";", " ; ; "])
def test_semicolon_list__nothing__is_refused(text: str) -> None:
    """A list has an item."""
    assert refuses("semicolon_list", text)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ('["a", "b"]', ["a", "b"]),
        (' ["a"]', ["a"]),
        ("[1, 18446744073709551616]", ["1", "18446744073709551616"]),
        (["a", 1], ["a", "1"]),
        ("a, b;c", ["a", "b", "c"]),
    ],
)
def test_text_list__json_or_joined__is_a_list_of_texts(value: Any, items: list[str]) -> None:
    """Numbers stand for their texts, exactly."""
    assert named("text_list").convert(value) == items


@pytest.mark.parametrize(
    "value",
    ["", ";", "[]", "[", "{}", '{"a": 1}', "[true]", "[null]", "[1.5]", "[[1]]", "[" * 100_000, "[" + "9" * 5000 + "]",
     '["\\ud800"]', [], [True], [None], {}, {"a": 1}, None, 5],
)  # fmt: skip
def test_text_list__no_list_of_texts__is_refused(value: Any) -> None:
    """Empty, nested, of other things, too deep or not well-formed: refused."""
    assert refuses("text_list", value)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ('[{"a": 1}]', [{"a": 1}]),
        ('{"a": {"b": []}}', [{"a": {"b": []}}]),
        ([{}], [{}]),
        ({"a": 1}, [{"a": 1}]),
    ],
)
def test_object_list__json_or_objects__is_a_list_of_objects(value: Any, items: list[Any]) -> None:
    """One object alone counts as a list of one."""
    assert named("object_list").convert(value) == items


@pytest.mark.parametrize(
    "value", ["", "a", "[]", "[1]", '["a"]', "{", '{"a": 1} x', "{" * 100_000, [], [1], [{}, 1], None, 5, True]
)
def test_object_list__no_list_of_objects__is_refused(value: Any) -> None:
    """Anything that is not all objects is refused."""
    assert refuses("object_list", value)
