"""The request side of a mapping: parameters, targets, pages, conditions."""

from __future__ import annotations

from dataclasses import fields

from app.findings import Finding, KeysTogether
from app.mapping.model import AlwaysRule, Comparison, Condition, OrderKey, PageRule, ParamRule, Policy, Value, Word
from app.mapping.read_response import is_rule_of_source, read_whole
from app.mapping.reader import Reader, constant_of, path_and_via, reader_of, word_of
from app.mapping.source import Mapping, Node, Scalar

TESTS = ("equals", "one_of", "among", "within", "at_least", "at_most", "contains", "starts_with")
#: words that make something of a parameter, which one without effect cannot have
EFFECTS = (
    *("to", "via", "values", "default", "required", "accepts", "least", "most", "tenant", "organization", "person"),
    *("keep", "order", "members", "holds", "items"),
)
#: words that are read where a parameter stands within another one, or holds some
OF_A_MEMBER = frozenset({"to", "via", "values", "least", "most", "keep"})
OF_AN_ITEM = OF_A_MEMBER - {"keep"} | {"default", "required", "names", "accepts", "keeps_empty", "policy"}
OF_A_HOLDER = frozenset({"names", "holds"})
OF_A_HELD = frozenset({*EFFECTS, "names", "keeps_empty", "policy"}) - {"holds"}
#: what members of the model are called in a mapping, where that is something else
WORDS = {"is_tenant": "tenant", "is_organization": "organization", "is_person": "person"}
POLICIES: tuple[Policy, ...] = ("ignored", "warned", "refused", "jsonp")


def read_params(node: Node | None, findings: list[Finding], rule: str) -> tuple[ParamRule, ...]:
    """`name: rule` for each legacy parameter; path parts are named `path.x`."""
    if node is None:
        return ()
    reader = reader_of(node, findings, rule)
    return tuple(read_param(name, below, findings, rule) for name, below in reader.node) if reader else ()


def read_param(name: Scalar, node: Node, findings: list[Finding], rule: str) -> ParamRule:
    """One parameter: a target alone, or a mapping of words."""
    called, rule = str(name.value), f"{rule}.{name.value}"
    if isinstance(node, Scalar):
        word = word_of(node, findings, rule)
        return ParamRule(called, name.place, to=(word,) if word else ())
    reader = reader_of(node, findings, rule)
    if reader is None:
        return ParamRule(called, name.place)
    policy, why = _policy(reader)
    param = ParamRule(
        name=called,
        place=name.place,
        to=reader.words("to"),
        via=reader.words("via"),
        values=reader.table("values"),
        default=reader.value("default"),
        required=reader.flag("required"),
        names=reader.words("names"),
        policy=policy,
        why=why or reader.text("why"),
        accepts=_accepts(reader),
        least=reader.value("least"),
        most=reader.value("most"),
        is_tenant=reader.flag("tenant"),
        is_organization=reader.flag("organization"),
        is_person=reader.flag("person"),
        keeps_empty=reader.flag("keeps_empty"),
        keep=_comparison(reader),
        order=_order(reader),
        members=read_params(reader.take("members"), findings, rule),
        holds=read_params(reader.take("holds"), findings, rule),
        items=read_params(reader.take("items"), findings, rule),
    )
    reader.close()
    _check_effects(param, reader)
    return param


def _check_effects(param: ParamRule, reader: Reader) -> None:
    """A word that nobody reads where it stands is a fault: it would be taken for done."""
    inner = [(below, "a member", OF_A_MEMBER) for below in param.members]
    inner += [(below, "an element's member", OF_AN_ITEM) for below in param.items]
    inner += [(below, "a parameter in another", OF_A_HELD) for below in param.holds]
    inner += [(param, "a parameter that holds others", OF_A_HOLDER)] if param.holds else []
    for rule, what, allowed in inner:
        words = [WORDS.get(one.name, one.name) for one in fields(rule) if getattr(rule, one.name) != one.default]
        for word in (word for word in words if word not in allowed | {"name", "place", "why"}):
            problem, advice = f"'{word}' has no effect on {what}", f"take `{word}` out"
            name = reader.rule if rule is param else f"{reader.rule}.{rule.name}"
            reader.findings.append(KeysTogether(place=rule.place, rule=name, problem=problem, advice=advice))


def _policy(reader: Reader) -> tuple[Policy, str]:
    found = [policy for policy in POLICIES if policy in reader]
    together = found + [word for word in EFFECTS if found and word in reader]
    if len(together) > 1:
        advice = "keep the one that is meant"
        problem = f"'{together[0]}' and '{together[1]}' exclude each other"
        reader.findings.append(KeysTogether(place=reader.place, rule=reader.rule, problem=problem, advice=advice))
    reasons = {policy: reader.text(policy) for policy in POLICIES}
    return (found[0], reasons[found[0]]) if found else ("used", "")


def _accepts(reader: Reader) -> tuple[Value, ...] | None:
    if "accepts" not in reader:
        return None
    return tuple(Value(word.text, word.place) for word in reader.words("accepts"))


def _comparison(reader: Reader) -> Comparison | None:
    below = reader.mapping("keep")
    if below is None:
        return None
    found = [test for test in TESTS if test in below]
    paths = {test: below.words(test) for test in TESTS}
    via = below.words("via")
    below.close()
    if len(found) != 1:
        problem, advice = f"`keep` wants exactly one of {', '.join(TESTS)}", "write `keep: {equals: path}`"
        below.findings.append(KeysTogether(place=below.place, rule=below.rule, problem=problem, advice=advice))
        return None
    test = found[0]
    return Comparison(test, paths[test], via, below.place) if paths[test] else None


def _order(reader: Reader) -> tuple[OrderKey, ...]:
    def key(name: Scalar, node: Node) -> OrderKey | None:
        path, via = path_and_via(node, reader, f"order.{name.value}")
        return OrderKey(str(name.value), path, via, name.place) if path else None

    entries = reader.named("order", key)
    node = reader.take("order")
    if isinstance(node, Mapping) and not node.entries:
        reader.wrong(node, "one name or more", "order")
    return tuple(entry for entry in entries if entry is not None)


def read_always(reader: Reader, key: str) -> tuple[AlwaysRule, ...]:
    """`target: literal` entries, or `target: rule` with a rule that reads a `$source`."""

    def entry(name: Scalar, node: Node) -> AlwaysRule:
        rule = None
        if is_rule_of_source(node):
            rule = read_whole(node, reader.findings, f"{key}.{name.value}")
        return AlwaysRule(Word(str(name.value), name.place), Value(constant_of(node), node.place), rule)

    return reader.named(key, entry)


def read_pair(name: Scalar, node: Node) -> tuple[Word, Value]:
    """`path: literal`."""
    return Word(str(name.value), name.place), Value(constant_of(node), node.place)


def read_condition(reader: Reader) -> Condition:
    """`given`, `any`, `absent`, `equals`, `matches`, `several`; all must hold."""
    condition = Condition(
        place=reader.place,
        given=reader.words("given"),
        any=reader.words("any"),
        absent=reader.words("absent"),
        equals=reader.named("equals", read_pair),
        matches=reader.named("matches", read_pair),
        several=reader.words("several"),
    )
    reader.close()
    return condition


def read_page(reader: Reader) -> PageRule | None:
    """`page:` with every word it needs: a `cursor` to go on `after`, or how many rows to `skip`."""
    needed = {"list", "first"} | (set() if "skip" in reader else {"cursor", "after"})
    for key in sorted(needed):
        reader.require(key, f"{key}: ...")
    words = {key.name: reader.word(key.name) for key in fields(PageRule) if key.name in needed | OPTIONAL_PAGE}
    most, reach = reader.number("most", 50), reader.number("reach", 10)
    start = reader.text("start") or None
    reader.close()
    if any(words[key] is None for key in needed):
        return None
    return PageRule(place=reader.place, most=most, reach=reach, start=start, **words)  # type: ignore[arg-type]


OPTIONAL_PAGE = {"skip", "count", "total", "more", "offset", "start_cursor"}
