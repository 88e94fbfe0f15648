"""Two answers as trees: what is the same, what was added, removed, moved and changed, and what is too much."""

from __future__ import annotations

import string
from itertools import pairwise, permutations
from random import Random

import pytest
from comparing import compared, content, told
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.compare import align
from conformance.compare.align import MAX_DIFFERENCES, differences
from conformance.compare.masks import Masks
from conformance.compare.sequences import longest_common, longest_rising

texts = st.text(string.ascii_lowercase, min_size=1, max_size=6)
rows = st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=6)
"""Lists of rows, each with its values."""


def keyed(values: list[list[str]]) -> list[str]:
    return [
        f"<ep:session><ep:sessionKey>{number}</ep:sessionKey>"
        + "".join(f"<ep:panelistsInfo>{value}</ep:panelistsInfo>" for value in row)
        + "</ep:session>"
        for number, row in enumerate(values)
    ]


class TestProperties:
    @given(rows, st.randoms(use_true_random=False))
    def test_rows_with_keys_in_another_order_are_the_same(self, values: list[list[str]], random: Random) -> None:
        one = keyed(values)
        other = random.sample(one, len(one))
        assert told(compared("".join(one), "".join(other))) == []

    @given(rows, st.randoms(use_true_random=False), st.data())
    def test_one_changed_value_is_exactly_one_difference(
        self, values: list[list[str]], random: Random, data: st.DataObject
    ) -> None:
        one = keyed(values)
        row = data.draw(st.integers(0, len(values) - 1))
        place = data.draw(st.integers(0, len(values[row]) - 1))
        changed = [[*inner] for inner in values]
        changed[row][place] = "CHANGED"
        other = keyed(changed)
        found = compared("".join(one), "".join(random.sample(other, len(other))))
        path = "ep:session/ep:panelistsInfo"
        assert told(found) == [("value changed", path, values[row][place], "CHANGED")]

    @given(rows, st.data())
    def test_a_row_that_is_gone_is_exactly_one_difference(self, values: list[list[str]], data: st.DataObject) -> None:
        one = keyed(values)
        other = [*one]
        other.pop(data.draw(st.integers(0, len(one) - 1)))
        assert [kind for kind, *_ in told(compared("".join(one), "".join(other)))] == ["element removed"]
        assert [kind for kind, *_ in told(compared("".join(other), "".join(one)))] == ["element added"]

    @given(st.lists(texts, max_size=6), st.lists(texts, max_size=6))
    def test_rows_without_keys_are_the_same_only_where_they_are(self, a: list[str], b: list[str]) -> None:
        one, other = ("".join(f"<ep:status>{value}</ep:status>" for value in values) for values in (a, b))
        assert (told(compared(one, other)) == []) == (a == b)

    @given(st.lists(st.integers(0, 3), max_size=7), st.lists(st.integers(0, 3), max_size=7))
    def test_the_common_alignment_is_a_longest_one(self, a: list[int], b: list[int]) -> None:
        pairs = longest_common(a, b)
        assert all(a[i] == b[j] for i, j in pairs)
        assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(pairs))
        assert len(pairs) == longest(tuple(a), tuple(b))

    @given(st.permutations(range(6)))
    def test_the_rising_places_are_as_many_as_can_be(self, places: list[int]) -> None:
        stay = sorted(longest_rising(places))
        assert [places[i] for i in stay] == sorted(places[i] for i in stay)
        subsets = ([places[i] for i in range(6) if mask >> i & 1] for mask in range(64))
        assert len(stay) == max(len(subset) for subset in subsets if subset == sorted(subset))


def longest(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """Return the length of a longest common subsequence, the slow way."""
    if not a or not b:
        return 0
    if a[0] == b[0]:
        return 1 + longest(a[1:], b[1:])
    return max(longest(a[1:], b), longest(a, b[1:]))


class TestKinds:
    def test_an_element_more(self) -> None:
        found = compared("<ep:status>x</ep:status>", "<ep:status>x</ep:status><ep:hostKey>y</ep:hostKey>")
        assert told(found) == [("element added", "ep:hostKey", "", "y")]
        assert (found.found[0].a, found.found[0].b is None) == (None, False)

    def test_an_element_less_is_told_with_its_children_not_once_for_each(self) -> None:
        found = compared("<ep:host><ep:firstName>x</ep:firstName><ep:email>y</ep:email></ep:host>", "")
        assert told(found) == [("element removed", "ep:host", "<ep:firstName, ep:email>", "")]

    def test_an_element_in_another_place(self) -> None:
        one, other, third = "<ep:status>x</ep:status>", "<ep:confID>1</ep:confID>", "<ep:hostKey>z</ep:hostKey>"
        found = compared(one + other + third, other + third + one)
        assert told(found) == [("element moved", "ep:status", "first", "after ep:hostKey")]

    @pytest.mark.parametrize("order", list(permutations("abc"))[1:])
    def test_rows_without_keys_in_another_order_have_moved(self, order: tuple[str, ...]) -> None:
        one, other = ("".join(f"<ep:status>{v}</ep:status>" for v in values) for values in ("abc", order))
        assert {kind for kind, *_ in told(compared(one, other))} == {"element moved"}

    def test_another_type(self) -> None:
        found = differences(content("", "meet:a"), content("", "meet:b"), Masks())
        assert told(found) == [("type changed", "serv:bodyContent", "meet:a", "meet:b")]

    def test_a_prefix_is_only_a_name(self) -> None:
        one = content("<ep:status>x</ep:status>", "ep:a")
        text = etree.tostring(one, encoding="unicode").replace("ep:", "ns1:").replace(":ep=", ":ns1=")
        assert 'xsi:type="ns1:a"' in text
        assert differences(one, etree.fromstring(text), Masks()).found == []

    def test_another_namespace_is_another_element(self) -> None:
        kinds = [kind for kind, *_ in told(compared("<ep:status>x</ep:status>", "<meet:status>x</meet:status>"))]
        assert kinds == ["element removed", "element added"]

    def test_attributes(self) -> None:
        found = compared('<ep:status a="1" b="2">x</ep:status>', '<ep:status b="3">x</ep:status>')
        assert told(found) == [
            ("attribute changed", "ep:status/@a", "1", ""),
            ("attribute changed", "ep:status/@b", "2", "3"),
        ]

    def test_layout_comments_and_instructions_are_nothing(self) -> None:
        one = "<ep:host><ep:status>x</ep:status></ep:host>"
        other = "\n <ep:host>\n  <!-- c --><ep:status>x</ep:status>\n <?p i?></ep:host>\n"
        assert told(compared(one, other)) == []

    def test_a_blank_in_a_leaf_is_a_value(self) -> None:
        assert told(compared("<att:domain> </att:domain>", "<att:domain/>")) == [
            ("value changed", "att:domain", " ", "")
        ]

    def test_text_around_a_comment_is_one_text(self) -> None:
        assert told(compared("<ep:status>a<!-- c -->b</ep:status>", "<ep:status>ab</ep:status>")) == []

    def test_a_long_value_is_cut_when_it_is_told(self) -> None:
        (found,) = told(compared("<ep:status>x</ep:status>", f"<ep:status>{'y' * 5000}</ep:status>"))
        assert len(found[3]) == 120


class TestRows:
    def test_keys_that_the_runs_sent_in_each_others_place_are_the_same_key(self) -> None:
        masks = Masks()
        masks.learn(request("1001"), request("9001"))
        masks.learn(request("1002"), request("9002"))
        one = keyed_as({"1001": "a", "1002": "b"})
        other = keyed_as({"9002": "CHANGED", "9001": "a"})
        assert told(compared(one, other, masks)) == [("value changed", "ep:session/ep:status", "b", "CHANGED")]

    def test_rows_with_other_keys_are_paired_by_what_else_they_hold(self) -> None:
        assert told(compared(keyed_as({"1": "a", "2": "b"}), keyed_as({"8": "b", "9": "a"}))) == []

    def test_what_is_left_is_paired_with_what_is_most_like_it(self) -> None:
        one = row("1", "a", "b", "c") + row("2", "d", "e", "f")
        other = row("8", "d", "e", "CHANGED") + row("9", "a", "CHANGED", "c")
        assert sorted(told(compared(one, other))) == [
            ("value changed", "ep:session/ep:duration", "f", "CHANGED"),
            ("value changed", "ep:session/ep:openTime", "b", "CHANGED"),
        ]

    def test_rows_of_others_in_a_list_are_counted_and_not_compared(self) -> None:
        one, other = keyed_as({"1": "a"}), keyed_as({"1": "a", "5": "x", "6": "y"})
        found = compared(one, other, listing=True)
        assert (told(found), found.masked["others"]) == ([], 2)
        assert len(told(compared(one, other))) == 2, "what is no list has no rows of others"

    def test_a_new_element_in_the_rows_of_others_is_told(self) -> None:
        one = keyed_as({"1": "a", "2": "b"})
        other = one.replace("<ep:status>b", "<ep:hostKey>k</ep:hostKey><ep:status>b")
        found = compared(keyed_as({"7": "x"}), row("8", "y", "z"), listing=True)
        assert told(found) == [("element added", "ep:session/ep:openTime", "", "z")]
        assert told(compared(one, other, listing=True)) == [("element added", "ep:session/ep:hostKey", "", "k")]

    def test_a_row_of_ours_that_is_missing_is_told_also_in_a_list(self) -> None:
        mine = row("1", "x").replace("<ep:status>", "<ep:confName>meetingcnf0123abcdn7</ep:confName><ep:status>")
        found = compared(mine + keyed_as({"2": "a"}), keyed_as({"2": "a"}), listing=True)
        assert [kind for kind, *_ in told(found)] == ["element removed"]

    def test_what_stands_once_is_no_row_of_others(self) -> None:
        host = "<ep:host><ep:email>a@example.com</ep:email></ep:host>"
        found = compared(f"<ep:session><ep:sessionKey>1</ep:sessionKey>{host}</ep:session>", keyed_as({}), listing=True)
        assert found.masked["others"] == 1
        one = f"<ep:session><ep:sessionKey>1</ep:sessionKey>{host}</ep:session>"
        other = "<ep:session><ep:sessionKey>1</ep:sessionKey></ep:session>"
        assert [path for _, path, *_ in told(compared(one, other, listing=True))] == ["ep:session/ep:host"]


class TestBounds:
    def test_differences_beyond_the_bound_are_cut_and_that_is_told(self) -> None:
        one = "".join(f"<ep:e{n}>{n}</ep:e{n}>" for n in range(MAX_DIFFERENCES * 3))
        found = compared(one, one.replace("</", "x</"))
        assert found.cut == f"more than {MAX_DIFFERENCES} differences"
        assert len(found.found) >= MAX_DIFFERENCES

    def test_a_list_too_long_for_an_exact_order_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(align, "MAX_CELLS", 3)
        one, other = ("".join(f"<ep:status>{v}</ep:status>" for v in values) for values in ("abcd", "bacd"))
        found = compared(one, other)
        assert found.cut == "the order of 4 and 4 rows"
        assert {kind for kind, *_ in told(found)} == {"element moved"}

    def test_many_rows_that_have_nothing_in_common_are_paired_in_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(align, "MAX_LIKENESS", 3)
        one, other = ("".join(f"<ep:status>{v}</ep:status>" for v in values) for values in ("abc", "xyz"))
        assert [(before, after) for *_, before, after in told(compared(one, other))] == [
            ("a", "x"), ("b", "y"), ("c", "z")
        ]  # fmt: skip

    def test_ten_thousand_equal_rows_and_one_more(self) -> None:
        one = "<ep:status>x</ep:status>" * 10_000
        found = compared(one, f"{one}<ep:status>x</ep:status>")
        assert ([kind for kind, *_ in told(found)], found.cut) == (["element added"], "")

    def test_an_answer_too_large_is_not_aligned_and_that_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(align, "MAX_ELEMENTS", 3)
        three, four = ("<ep:status>x</ep:status>" * number for number in (2, 3))
        assert (compared(three, three).cut, compared(three, four).found) == ("", [])
        assert compared(three, four).cut == "more than 3 elements, of which only the outcome was compared"

    def test_an_answer_as_deep_as_can_be_read(self) -> None:
        one = "<ep:host>" * 240 + "{}" + "</ep:host>" * 240
        (found,) = told(compared(one.format("a"), one.format("b")))
        assert found[0] == "value changed"


def keyed_as(values: dict[str, str]) -> str:
    return "".join(
        f"<ep:session><ep:sessionKey>{key}</ep:sessionKey><ep:status>{value}</ep:status></ep:session>"
        for key, value in values.items()
    )


def row(key: str, *values: str) -> str:
    names = "ep:status", "ep:openTime", "ep:duration"
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in zip(names, values, strict=False))
    return f"<ep:session><ep:sessionKey>{key}</ep:sessionKey>{inner}</ep:session>"


def request(key: str) -> str:
    return f"<message><body><bodyContent><sessionKey>{key}</sessionKey></bodyContent></body></message>"
