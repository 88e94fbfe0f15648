"""Dates and time zones as the API writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from conformance.resources import schemas_root
from conformance.wire.times import GMT, ZONES, read_date, write_date, zone

NEW_YORK = 11
LONDON = 21
BERLIN = 25
INDIA = 41

OTHER_OFFSETS = {
    35: "the API rounds Iran's half hour away",
    38: "the API rounds Afghanistan's half hour away",
    42: "Sri Lanka moved to +05:30 in 2006; the API's text is older",
    51: "Yakutsk has no half hour; the API's text is that of Australia Central beside it",
}
"""Where the offset in the API's text is not the standard time of the place it names."""


def offset_in(text: str) -> timedelta:
    """Return the offset that a text like ``GMT-03:30, Newfoundland`` begins with."""
    match = re.match(r"GMT([+-]\d\d):(\d\d), ", text)
    assert match
    return timedelta(hours=int(match[1]), minutes=int(match[1][0] + match[2]))


class TestZones:
    def test_there_are_62(self) -> None:
        assert len(ZONES) == 62

    def test_their_texts_are_those_of_the_schema_in_its_order(self) -> None:
        schema = etree.parse(schemas_root() / "5.9" / "common" / "common.xsd")
        listed = schema.xpath(
            "//xs:simpleType[@name='timeZoneType']//xs:enumeration/@value",
            namespaces={"xs": "http://www.w3.org/2001/XMLSchema"},
        )
        assert listed == [text for _, text in ZONES]

    @pytest.mark.parametrize("zone_id", range(62))
    def test_a_zone_keeps_the_standard_time_that_its_text_says(self, zone_id: int) -> None:
        # In 2020, the year of the update notes: rules of that year can change no more.
        moments = [datetime(2020, month, 15, 12, tzinfo=zone(zone_id)) for month in (1, 7)]
        standard = {(moment.utcoffset() or timedelta()) - (moment.dst() or timedelta()) for moment in moments}
        assert (standard == {offset_in(ZONES[zone_id][1])}) is (zone_id not in OTHER_OFFSETS)

    def test_the_default_of_the_schema_is_gmt(self) -> None:
        assert zone(-1) == zone(GMT)
        assert datetime(2020, 7, 1, tzinfo=zone(GMT)).utcoffset() == timedelta()

    @pytest.mark.parametrize("zone_id", [-2, 62, 1000])
    def test_there_are_no_others(self, zone_id: int) -> None:
        with pytest.raises(ValueError, match=f"timeZoneID {zone_id} is not between 0 and 61"):
            zone(zone_id)


class TestWriting:
    @pytest.mark.parametrize(
        ("zone_id", "written"),
        [(GMT, "01/09/2020 05:03:07"), (NEW_YORK, "01/09/2020 00:03:07"), (INDIA, "01/09/2020 10:33:07")],
    )
    def test_every_part_has_its_full_width_and_the_clock_is_that_of_the_zone(self, zone_id: int, written: str) -> None:
        assert write_date(datetime(2020, 1, 9, 5, 3, 7, tzinfo=UTC), zone_id) == written

    def test_the_zone_of_the_moment_itself_does_not_matter(self) -> None:
        moment = datetime(2020, 1, 9, 5, 3, 7, tzinfo=UTC)
        assert write_date(moment.astimezone(timezone(timedelta(hours=9)))) == write_date(moment)

    def test_fractions_of_a_second_are_cut_off(self) -> None:
        assert write_date(datetime(2020, 1, 9, 5, 3, 7, 999_999, tzinfo=UTC)) == "01/09/2020 05:03:07"


class TestReading:
    @pytest.mark.parametrize(
        "text",
        [
            "09/05/2019 02:04:03",
            "9/5/2019 2:4:3",
            "9/05/2019 02:4:03",
            " 09/05/2019   02:04:03\n",
            "09/05/2019\u00a002:04:03",
        ],
    )
    def test_one_digit_is_enough_and_blanks_do_not_matter(self, text: str) -> None:
        assert read_date(text) == datetime(2019, 9, 5, 2, 4, 3, tzinfo=UTC)

    def test_seconds_may_be_left_out(self) -> None:
        assert read_date("09/29/2019 02:42") == datetime(2019, 9, 29, 2, 42, tzinfo=UTC)

    def test_what_is_read_is_in_utc(self) -> None:
        assert read_date("01/09/2020 00:00:00", NEW_YORK).utcoffset() == timedelta()

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "now",
            "2019-09-29 02:42:34",
            "2019/09/29 02:42:34",
            "29/09/2019 02:42:34",
            "02/30/2019 02:42:34",
            "02/29/2019 02:42:34",
            "09/29/19 02:42:34",
            "09/29/2019",
            "09/29/2019 24:00:00",
            "09/29/2019 02:60:00",
            "09/29/2019 02:42:60",
            "09/29/2019 02:42:34 PM",
            "09/29/2019 02:42:34.5",
            "09/29/2019T02:42:34",
            "00/29/2019 02:42:34",
            "09/29/0000 02:42:34",
            "-9/29/2019 02:42:34",
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_date(text)

    @pytest.mark.parametrize(("text", "zone_id"), [("12/31/9999 23:59:59", 0), ("01/01/0001 00:00:00", 61)])
    def test_a_moment_that_is_no_date_in_utc_is_refused_too(self, text: str, zone_id: int) -> None:
        with pytest.raises(ValueError, match="out of range"):
            read_date(text, zone_id)

    @given(st.text("0123456789/: -", max_size=22), st.integers(0, 61))
    def test_no_text_makes_it_fail_in_another_way(self, text: str, zone_id: int) -> None:
        try:
            read = read_date(text, zone_id)
        except ValueError:
            return
        assert read.tzinfo is UTC

    @given(st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)), st.integers(0, 61))
    @example(datetime(2020, 10, 25, 0, 30), BERLIN)
    def test_what_is_written_is_read_back(self, moment: datetime, zone_id: int) -> None:
        moment = moment.replace(microsecond=0, tzinfo=UTC)
        text = write_date(moment, zone_id)
        # Where a clock is put back, an hour comes twice: a date means the first of them.
        assert read_date(text, zone_id) in {moment, moment - repeated(moment, zone_id)}
        assert write_date(read_date(text, zone_id), zone_id) == text


def repeated(moment: datetime, zone_id: int) -> timedelta:
    """Return how far back the same clock time came before, where it comes twice and this is the second."""
    local = moment.astimezone(zone(zone_id))
    first, second = (local.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first - second


class TestSummerTime:
    @pytest.mark.parametrize(
        ("zone_id", "winter", "summer"),
        [
            (LONDON, "01/15/2020 12:00:00", "07/15/2020 13:00:00"),
            (BERLIN, "01/15/2020 13:00:00", "07/15/2020 14:00:00"),
            (NEW_YORK, "01/15/2020 07:00:00", "07/15/2020 08:00:00"),
            (GMT, "01/15/2020 12:00:00", "07/15/2020 12:00:00"),
        ],
    )
    def test_it_is_kept_where_the_place_keeps_it(self, zone_id: int, winter: str, summer: str) -> None:
        noon = [datetime(2020, month, 15, 12, tzinfo=UTC) for month in (1, 7)]
        assert [write_date(moment, zone_id) for moment in noon] == [winter, summer]
        assert [read_date(text, zone_id) for text in (winter, summer)] == noon

    def test_an_hour_that_comes_twice_is_the_first(self) -> None:
        assert read_date("11/01/2020 01:30:00", NEW_YORK) == datetime(2020, 11, 1, 5, 30, tzinfo=UTC)
        assert write_date(datetime(2020, 11, 1, 6, 30, tzinfo=UTC), NEW_YORK) == "11/01/2020 01:30:00"

    def test_an_hour_that_never_comes_is_read_as_if_the_clock_had_not_moved(self) -> None:
        moment = read_date("03/08/2020 02:30:00", NEW_YORK)
        assert moment == datetime(2020, 3, 8, 7, 30, tzinfo=UTC)
        assert write_date(moment, NEW_YORK) == "03/08/2020 03:30:00"
