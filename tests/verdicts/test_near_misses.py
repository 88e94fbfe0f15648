"""What a case expects is met by what it says and its like, and by nothing that only looks like it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from lab import deleted
from lxml import etree
from verdict_scenes import MAIL, play, reading, scene

from conformance.cases.model import Condition, MailExpectation
from conformance.cases.xpaths import evaluate
from conformance.mock.building import new_site
from conformance.run.embedded import EmbeddedSite
from conformance.run.mailbox import judge_mails
from conformance.run.matching import _MATCHERS, mismatches
from conformance.run.verdicts import Verdict
from conformance.schema.catalog import SchemaCatalog
from conformance.site.seam import ReceivedMail
from conformance.versions import DEFAULT_VERSION

MESSAGE = etree.fromstring("""\
<m>
  <text>Sorry</text><split>So<!-- no -->rry</split><cdata><![CDATA[So]]>rry</cdata><nested>So<b>rr</b>y</nested>
  <hidden><!--Sorry--></hidden><instruction><?Sorry?></instruction><marked>&lt;b&gt;Sorry&lt;/b&gt;</marked>
  <escaped>&amp;amp;</escaped><ampersand>&amp;</ampersand>
  <upper>SORRY</upper><padded> Sorry </padded><line>Sorry&#10;</line><nbsp>Sorry&#160;</nbsp><wide>So  rry</wide>
  <longer>Sorry.</longer><shorter>Sorr</shorter><cyrillic>S\u043erry</cyrillic><zero>Sor\u200bry</zero>
  <composed>caf\u00e9</composed><decomposed>cafe\u0301</decomposed><sharp>stra\u00dfe</sharp><fraktion>\ufb01x</fraktion>
  <lines>one&#10;two</lines>
  <empty/><open></open><attributed a="1"/><cdata-empty><![CDATA[]]></cdata-empty>
  <blank> \t </blank><blanks>&#10;</blanks><no-break>&#160;</no-break><invisible>\u200b</invisible>
  <parent><child/></parent><parent-blank> <child/> </parent-blank><parent-text><child>x</child></parent-text>
  <many>Sorry</many><many>Pardon</many><many/>
  <late/><late>Sorry</late>
  <ten>10</ten><padded-ten> 10 </padded-ten><ten-point>10.0</ten-point><exponent>1e1</exponent><plus>+10</plus>
  <nine>9</nine><nearly>9.9999999999999999999</nearly><over>10.0000000000000000001</over><eleven>11</eleven>
  <minus>-10</minus><nine-and-a-half>9.5</nine-and-a-half><hundred>100</hundred><dashed>\u221210</dashed>
  <thousand>1,000</thousand><german>10,0</german><grouped>1_0</grouped><hexadecimal>0xA</hexadecimal>
  <arabic>\u0661\u0660</arabic><full>\uff11\uff10</full><nan>NaN</nan><inf>INF</inf><infinity>Infinity</infinity>
  <word>ten</word><unit>10 s</unit><two>10 11</two><leading>010</leading><huge-exponent>1e9999</huge-exponent>
  <kind type="Sorry" none="" blank=" " number="10"/>
</m>""")


@dataclass(frozen=True)
class Key:
    """For one wanted value: XPaths whose values meet it, and XPaths whose values nearly do."""

    wanted: str | tuple[str, ...]
    meets: tuple[str, ...]
    misses: tuple[str, ...]


TEXT = Key(
    "Sorry",
    ("text", "split", "cdata", "nested", "many", "kind/@type", "string(text)", "concat('So', 'rry')", "text/text()"),
    (
        *("upper", "padded", "line", "nbsp", "wide", "longer", "shorter", "cyrillic", "zero", "late", "marked"),
        *("hidden", "instruction", "empty", "absent", "kind", "kind/@none", "split/text()", "many[2]", "boolean(text)"),
    ),
)
CASES: Mapping[str, tuple[Key, ...]] = {
    "text": (
        TEXT,
        Key(
            "",
            ("empty", "absent", "hidden", "kind/@none", "late"),
            ("blank", "no-break", "invisible", "text", "blanks"),
        ),
        Key("caf\u00e9", ("composed",), ("decomposed", "absent")),
        Key("&", ("ampersand",), ("escaped", "empty")),
        Key("10", ("ten", "kind/@number"), ("padded-ten", "ten-point", "exponent", "plus", "leading", "full")),
        Key("true", ("boolean(text)", "text = 'Sorry'"), ("text", "absent = 'Sorry'", "count(text)")),
    ),
    "not": (
        Key("Sorry", TEXT.misses, TEXT.meets),
        Key("", ("blank", "no-break", "text"), ("empty", "absent", "hidden", "open")),
    ),
    "one of": (
        Key(("Sorry", "Pardon"), ("text", "split", "many", "many[2]", "kind/@type"), (*TEXT.misses[:11], "absent")),
        Key(("Sorry Pardon", "Sorry, Pardon"), (), ("text", "many", "many[2]", "empty")),
        Key(("", "Sorry"), ("empty", "absent", "text"), ("blank", "padded", "shorter", "upper")),
    ),
    "matches": (
        Key("So(r)+y", TEXT.meets[:4], ("upper", "padded", "line", "nbsp", "longer", "shorter", "cyrillic", "absent")),
        Key("Sorr|Pardon", ("shorter", "many[2]"), ("text", "longer", "padded")),
        Key("one.two", (), ("lines", "empty")),
        Key(r"(?s)one.two", ("lines",), ("wide",)),
        Key("", ("empty", "absent", "hidden"), ("blank", "blanks", "text")),
    ),
    "contains": (
        Key(
            "orr",
            ("text", "split", "cdata", "nested", "longer", "padded"),
            ("upper", "zero", "hidden", "absent", "late"),
        ),
        Key("", ("text", "empty", "absent", "blank"), ()),
        Key(" ", ("padded", "wide", "blank", "two"), ("text", "nbsp", "no-break", "lines", "empty", "absent")),
        Key("S.r", (), ("text", "wide", "longer")),
    ),
    "count": (
        Key("1", ("text", "empty", "kind/@none", "many[1]", "string(absent)"), ("absent", "many", "kind/@absent")),
        Key("3", ("many", "many[1] | many[2] | empty"), ("many[.='Sorry']", "many/text()", "count(many)", "absent")),
        Key("0", ("absent", "kind/@absent", "text[2]"), ("empty", "string(absent)", "hidden", "kind/@none")),
        Key("03", (), ("many",)),
        Key("3.0", (), ("many",)),
        Key(" 3", (), ("many",)),
    ),
    "at least": (
        Key(
            "10",
            ("ten", "padded-ten", "ten-point", "exponent", "plus", "over", "hundred", "leading", "kind/@number"),
            (
                *("nine", "nearly", "nine-and-a-half", "minus", "dashed", "word", "unit", "two", "empty", "absent"),
                *("thousand", "german", "grouped", "hexadecimal", "arabic", "full", "nan", "inf", "infinity"),
                *("number(word)", "1 div 0", "huge-exponent", "late", "kind"),
            ),
        ),
        Key("-10", ("minus", "nine", "count(absent)"), ("dashed", "-11", "absent", "empty")),
        Key("ten", (), ("ten", "word", "hundred", "empty")),
    ),
    "at most": (
        Key(
            "10",
            ("ten", "padded-ten", "ten-point", "exponent", "plus", "nine", "nearly", "minus", "count(absent)"),
            (
                *("eleven", "over", "hundred", "dashed", "word", "unit", "two", "empty", "absent", "thousand"),
                *(
                    "german",
                    "grouped",
                    "hexadecimal",
                    "arabic",
                    "full",
                    "nan",
                    "number(word)",
                    "-1 div 0",
                    "kind/@none",
                ),
            ),
        ),
        Key("0", ("minus", "count(absent)"), ("0.1", "empty", "blank", "absent", "kind/@none")),
        Key("ten", (), ("ten", "word", "nine", "empty")),
    ),
    "present": (
        Key(
            "true",
            ("text", "empty", "blank", "parent", "hidden", "kind/@none", "late", "string(text)", "count(absent)"),
            ("absent", "Text", "kind/@absent", "text/@text", "string(absent)", "text[2]", "child", "text()[.='Sorry']"),
        ),
    ),
    "absent": (
        Key(
            "true",
            ("absent", "Text", "kind/@absent", "text[2]", "child", "string(absent)"),
            ("empty", "blank", "hidden", "kind/@none", "//child", "text", "cdata-empty", "count(absent)"),
        ),
    ),
    "empty": (
        Key(
            "true",
            ("empty", "open", "attributed", "cdata-empty", "kind", "kind/@none", "late", "hidden"),
            (
                *("absent", "kind/@absent", "blank", "blanks", "no-break", "invisible", "parent", "parent-blank"),
                *("parent-text", "text", "kind/@blank", "string(absent)", "count(absent)"),
            ),
        ),
    ),
    "blank": (
        Key(
            "true",
            ("empty", "blank", "blanks", "no-break", "parent", "parent-blank", "kind/@none", "kind/@blank", "hidden"),
            ("absent", "kind/@absent", "text", "padded", "parent-text", "invisible", "string(absent)", "count(absent)"),
        ),
    ),
}


def of_keys(kind: str) -> list[tuple[str, str | tuple[str, ...], str]]:
    """Return each key of the format with a wanted value and an XPath."""
    return [(name, key.wanted, xpath) for name, keys in CASES.items() for key in keys for xpath in getattr(key, kind)]


def holds(name: str, wanted: str | tuple[str, ...], xpath: str) -> bool:
    """Tell whether the value of an XPath meets a condition, as a case file states it."""
    condition = Condition.model_validate({name: list(wanted) if isinstance(wanted, tuple) else wanted})
    return not list(mismatches(evaluate(xpath, MESSAGE), condition.wanted))


@pytest.mark.parametrize(("name", "wanted", "xpath"), of_keys("meets"))
def test_what_is_wanted_and_its_like_is_accepted(name: str, wanted: str | tuple[str, ...], xpath: str) -> None:
    assert holds(name, wanted, xpath)


@pytest.mark.parametrize(("name", "wanted", "xpath"), of_keys("misses"))
def test_what_only_looks_like_it_is_refused(name: str, wanted: str | tuple[str, ...], xpath: str) -> None:
    assert not holds(name, wanted, xpath)


@pytest.mark.parametrize(
    ("of", "xpath"), [(of, xpath) for of, keys in CASES.items() for k in keys for xpath in k.misses]
)
def test_a_near_miss_is_of_a_value_that_there_is_or_of_none(of: str, xpath: str) -> None:
    """A slip of the pen in an XPath would make a near miss of nothing; only these are meant to find nothing."""
    nothing = {
        "absent",
        "Text",
        "kind/@absent",
        "text/@text",
        "string(absent)",
        "text[2]",
        "child",
        "text()[.='Sorry']",
    }
    assert bool(evaluate(xpath, MESSAGE)) == (xpath not in nothing), of


# Mails


def mail(**changed: str) -> ReceivedMail:
    """Return a mail like the one that is wanted."""
    known = {"subject": "Welcome", "body": "Hello Kim,\nplease click", "format": "html", "language": "de"}
    return ReceivedMail(**{**known, **changed})


OTHER = mail(subject="Other", body="Other", format="text", language="en")
Mails = tuple[ReceivedMail, ...]


@dataclass(frozen=True)
class MailKey:
    """For one wanted value: mails that meet it, and mails that nearly do."""

    wanted: str
    meets: tuple[Mails, ...]
    misses: tuple[Mails, ...]


def of_each(key: str, *texts: str) -> tuple[Mails, ...]:
    """Return a mailbox for each text, which its only mail has under ``key``."""
    return tuple((mail(**{key: text}),) for text in texts)


MAILS: Mapping[str, tuple[MailKey, ...]] = {
    "count": (
        MailKey("2", ((mail(), mail()), (mail(), OTHER)), ((), (mail(),), (mail(),) * 3, (mail(),) * 22)),
        MailKey("0", ((),), ((mail(),), (mail(subject="", body=""),))),
        MailKey("1", ((OTHER,),), ((), (OTHER, OTHER))),
        *(MailKey(wanted, (), ((mail(), mail()),)) for wanted in ("02", "2.0", "two", " 2")),
    ),
    "subject": (
        MailKey(
            "Welcome",
            ((mail(),), (OTHER, mail()), (mail(body="x"),), (mail(language="en"),)),
            ((), (mail(), OTHER), *of_each("subject", "welcome", " Welcome", "Welcome!", "Welcom", "W\u0435lcome", "")),
        ),
        MailKey("", of_each("subject", ""), ((), (mail(),), *of_each("subject", " "))),
    ),
    "format": (
        MailKey(
            "html", ((mail(),), (OTHER, mail())), ((), (mail(), OTHER), *of_each("format", "HTML", "text", "", "html5"))
        ),
        MailKey("text", ((OTHER,), (mail(), OTHER)), ((mail(),), *of_each("format", "Text", "text/plain"))),
    ),
    "language": (
        MailKey(
            "de",
            ((mail(),), (OTHER, mail())),
            ((), (mail(), OTHER), *of_each("language", "de-DE", "DE", "d", "", "en")),
        ),
        MailKey("de-DE", of_each("language", "de-DE"), of_each("language", "de", "de-AT", "de_DE", "de-de")),
        MailKey("", of_each("language", ""), ((mail(),), ())),
    ),
    "contains": (
        MailKey(
            "Kim,\nplease",
            ((mail(),), (OTHER, mail()), *of_each("body", "Kim,\nplease", "x Kim,\nplease x")),
            ((), (mail(), OTHER), *of_each("body", "Kim, please", "kim,\nplease", "Kim,\r\nplease", "Kim,\n", "")),
        ),
        MailKey("K.m", (), ((mail(),),)),
        MailKey("", ((mail(),), *of_each("body", "")), ((),)),
    ),
}


def of_mails(kind: str) -> list[tuple[str, str, Mails]]:
    """Return each key of a mail with a wanted value and a mailbox."""
    return [(name, key.wanted, mails) for name, keys in MAILS.items() for key in keys for mails in getattr(key, kind)]


@pytest.mark.parametrize(("name", "wanted", "mails"), of_mails("meets"))
def test_a_mail_as_wanted_is_accepted(name: str, wanted: str, mails: Mails) -> None:
    (check,) = judge_mails("kim@example.com", mails, {name: wanted})
    assert check.verdict is Verdict.PASS


@pytest.mark.parametrize(("name", "wanted", "mails"), of_mails("misses"))
def test_a_mail_that_only_looks_like_it_is_refused(name: str, wanted: str, mails: Mails) -> None:
    (check,) = judge_mails("kim@example.com", mails, {name: wanted})
    assert check.verdict is Verdict.FAIL


# Links

OPENED: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "ok": ((200,), (201, 204, 206, 301, 302, 404, 410, 500)),
    "refused": ((400, 403, 404, 410), (200,)),
}
"""For what a case expects of a link, the HTTP statuses that meet it and those that do not."""


def opened(expected: str, status: int, folder: object, schemas: SchemaCatalog) -> Verdict:
    """Return what a case comes to that opens a link of the mock which is answered with ``status``."""

    async def get(_: str) -> SimpleNamespace:
        return SimpleNamespace(status=status)

    site = EmbeddedSite(new_site("one", DEFAULT_VERSION), SimpleNamespace(get=get))  # type: ignore[arg-type]
    accepted = asyncio.run(site.open("https://lab/1"))
    case = reading("{count: 1}").replace("before: skip", f"expect: {expected}\n            before: skip")
    lab = {"mailbox": [MAIL], "links": {"https://lab/1": accepted}}
    return play(scene(deleted(), "PASS", case=case, lab=lab), folder, schemas).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("expected", OPENED)
def test_a_link_is_accepted_by_200_alone(expected: str, tmp_path: object) -> None:
    catalog = SchemaCatalog()
    meets, misses = OPENED[expected]
    assert {status: opened(expected, status, tmp_path, catalog) for status in meets} == dict.fromkeys(
        meets, Verdict.PASS
    )
    assert {status: opened(expected, status, tmp_path, catalog) for status in misses} == dict.fromkeys(
        misses, Verdict.FAIL
    )


# The gate


def test_every_key_has_four_of_each() -> None:
    keys = {name: (sum(len(k.meets) for k in of), sum(len(k.misses) for k in of)) for name, of in CASES.items()}
    mails = {name: (sum(len(k.meets) for k in of), sum(len(k.misses) for k in of)) for name, of in MAILS.items()}
    assert keys.keys() == _MATCHERS.keys() == {field.alias or name for name, field in Condition.model_fields.items()}
    assert mails.keys() == MailExpectation.model_fields.keys()
    links = [tuple(sum(len(of[n]) for of in OPENED.values()) for n in (0, 1))]
    assert [each for each in [*keys.values(), *mails.values(), *links] if min(each) < 4] == []
