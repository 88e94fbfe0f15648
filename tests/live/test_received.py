"""From the bytes of a mail to what cases look at: mails as they are sent, and as nobody should send them."""

from __future__ import annotations

import time
from base64 import b64encode
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.live.received import MAX_MAIL, UnreadableMail, comparable, read_mail, recipients
from conformance.site.seam import ReceivedMail

SOON = 5.0
"""Seconds; each of the hostile mails takes well below one, and minutes where a bound is missing."""


def mail(head: str, body: str | bytes = "") -> bytes:
    """Return a mail of these header lines and that body."""
    data = body if isinstance(body, bytes) else body.encode()
    return head.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + data


class TestOrdinary:
    def test_a_text(self) -> None:
        read = read_mail(mail("Subject: Hello\nContent-Language: en", "See http://example.com/a?b=c&d.\r\nBye\r\n"))
        assert read == ReceivedMail(
            "Hello", "See http://example.com/a?b=c&d.\nBye\n", "text", "en", ("http://example.com/a?b=c&d",)
        )

    def test_html_with_links_in_their_order_each_once(self) -> None:
        body = (
            "<p><a href=' https://example.com/1?a=b&amp;c=d '>one</a><A HREF=https://example.com/2>two</A>"
            "<a href='mailto:a@example.com'>mail</a><a href='https://example.com/1?a=b&amp;c=d'>one</a><a>none</a>"
            "<a href='javascript:alert(1)'>no</a> https://example.com/no-link"
        )
        read = read_mail(mail("Content-Type: text/html; charset=utf-8", body))
        assert (read.format, read.body) == ("html", body)
        assert read.links == ("https://example.com/1?a=b&c=d", "https://example.com/2")

    def test_of_alternatives_the_html(self) -> None:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = "Grüße"
        message.set_content("text http://example.com/text")
        message.add_alternative("<p lang=de>ü <a href='http://example.com/html'>x</a>", subtype="html")
        message.add_attachment(b"<a href='http://example.com/attached'>", maintype="text", subtype="html", filename="a")
        read = read_mail(bytes(message))
        assert (read.subject, read.format, read.links) == ("Grüße", "html", ("http://example.com/html",))
        assert "ü" in read.body

    @pytest.mark.parametrize("where", ["mail", "part"])
    def test_the_language_stands_on_the_mail_or_on_its_text(self, where: str) -> None:
        line = "Content-Language: de"
        inner = "Content-Type: text/html\r\n" + f"{line}\r\n" * (where == "part") + "\r\n<p>x\r\n"
        head = "Content-Type: multipart/alternative; boundary=b" + f"\n{line}" * (where == "mail")
        assert read_mail(mail(head, f"--b\r\n{inner}--b--\r\n")).language == "de"

    def test_without_text_there_is_none(self) -> None:
        read = read_mail(mail("Subject: x\nContent-Type: image/png", "png"))
        assert (read.subject, read.body, read.format, read.links) == ("x", "", "text", ())

    @pytest.mark.parametrize(
        ("text", "link"),
        [
            ("(see https://example.com/a_(b))", "https://example.com/a_(b)"),
            ("<https://example.com/a>", "https://example.com/a"),
            ("Is it HTTPS://example.com/a?", "HTTPS://example.com/a"),
            ('"https://example.com/a", he said', "https://example.com/a"),
            ("[https://example.com/a]!", "https://example.com/a"),
            ("https://example.com/a?b=%20&c=d#e…", "https://example.com/a?b=%20&c=d#e…"),
        ],
    )
    def test_an_address_ends_where_the_sentence_goes_on(self, text: str, link: str) -> None:
        assert read_mail(mail("Content-Type: text/plain; charset=utf-8", text)).links == (link,)


class TestEncodings:
    @pytest.mark.parametrize(
        ("charset", "body"),
        [
            ("utf-8", "Grüße".encode()),
            ("iso-8859-1", "Grüße".encode("latin-1")),
            ("UTF-16", "Grüße".encode("utf-16")),
            ("gb18030", "Grüße".encode("gb18030")),
            ("no-such-charset", "Grüße".encode()),
            ("us-ascii", "Grüße".encode()),
            ("zlib", "Grüße".encode()),
            ("punycode", "Grüße".encode()),
            ("unicode_escape", "Grüße".encode()),
            ("a\0b", "Grüße".encode()),
        ],
    )
    def test_a_charset_is_heeded_where_it_is_one(self, charset: str, body: bytes) -> None:
        assert read_mail(mail(f'Content-Type: text/plain; charset="{charset}"', body)).body == "Grüße"

    def test_without_a_charset_it_is_utf_8(self) -> None:
        assert read_mail(mail("Content-Type: text/plain", "Grüße")).body == "Grüße"

    def test_bytes_that_are_none_of_the_charset_are_replaced(self) -> None:
        assert read_mail(mail("Content-Type: text/plain; charset=utf-8", b"a\xffb")).body == "a�b"

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            ("base64", b64encode("Grüße".encode())),
            ("base64", b64encode("Grüße".encode()).rstrip(b"=") + b"!"),
            ("quoted-printable", b"Gr=C3=BC=C3=\r\n=9Fe"),
            ("8bit", "Grüße".encode()),
            ("made-up", "Grüße".encode()),
        ],
    )
    def test_transfer_encodings_are_undone_also_broken_ones(self, encoding: str, body: bytes) -> None:
        head = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}"
        assert read_mail(mail(head, body)).body == "Grüße"

    @pytest.mark.parametrize(
        "subject",
        [
            "=?utf-8?b?R3LDvMOfZQ==?=",
            "=?iso-8859-1?q?Gr=FC=DFe?=",
            "Grüße",
            "=?utf-8?q?Gr=C3=BC?=\n =?utf-8?q?=C3=9Fe?=",
        ],
    )
    def test_subjects_are_read_however_they_are_written(self, subject: str) -> None:
        assert read_mail(mail(f"Subject: {subject}")).subject == "Grüße"


def nested(depth: int) -> bytes:
    """Return a mail of multiparts in multiparts."""
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    return f"{parts}Content-Type: text/plain\r\n\r\ninnermost".encode()


class TestHostile:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\0",
            b"no header at all",
            b"Subject",
            b"Content-Type: multipart/mixed\r\n\r\nno boundary",
            b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=",
            b"Content-Type: text/html; charset*=utf-8''%ff%fe; charset=x\r\n\r\n<p>",
            b"Content-Type: text/html\r\n\r\n\0<a href='http://[::1'>",
            b"Content-Type: ;;;=\r\nSubject: =?x?y?z?=\r\nContent-Language: \xff\r\n\r\nx",
            b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx",
            b"Content-Disposition: attachment; filename*0*=''%\r\n\r\nx",
        ],
    )
    def test_what_is_broken_is_read_as_far_as_it_goes(self, data: bytes) -> None:
        assert isinstance(read_mail(data), ReceivedMail)

    def test_of_a_huge_mail_the_beginning_is_read(self) -> None:
        read = read_mail(mail("Subject: big", b"http://example.com/a\r\n" + b"x" * (20 * MAX_MAIL)))
        assert len(read.body) < MAX_MAIL
        assert read.links == ("http://example.com/a",)

    @pytest.mark.parametrize(
        "data",
        [
            mail("Subject: " + "=?utf-8?q?a?= " * 70_000),
            mail("Content-Type: text/plain; " + "a=b; " * 200_000),
            mail("Content-Type: text/plain; charset=" + '"\\' * 500_000),
            mail("Content-Type: text/html", "<" * MAX_MAIL),
            mail("Content-Type: text/html", "<a href='http://example.com'>" * 30_000),
            mail("Content-Type: text/html", "<!" * (MAX_MAIL // 2)),
            mail("Content-Type: text/html", "<b>" * (MAX_MAIL // 3)),
            mail("Content-Type: text/plain", "http://" * 150_000),
            mail("Content-Type: text/plain", "http://a" + ")" * MAX_MAIL),
            mail("Content-Type: text/plain; charset=punycode", "a-" * 500_000),
            mail("Content-Type: multipart/mixed; boundary=b", "--b\r\n\r\n" * 1_900),
        ],
        ids=["words", "parameters", "quotes", "angles", "links", "declarations", "depth", "urls", "brackets", "codec",
             "parts"],
    )  # fmt: skip
    def test_what_is_made_to_take_long_does_not(self, data: bytes) -> None:
        began = time.perf_counter()
        assert isinstance(read_mail(data), ReceivedMail)
        assert time.perf_counter() - began < SOON

    def test_parts_in_parts_are_read_to_a_depth(self) -> None:
        assert read_mail(nested(50)).body == "innermost"
        with pytest.raises(UnreadableMail, match="too many parts"):
            read_mail(nested(101))

    def test_as_many_parts_as_nobody_sends_are_not_read(self) -> None:
        with pytest.raises(UnreadableMail, match="too many parts"):
            read_mail(mail("Content-Type: multipart/mixed; boundary=b", "--b\r\n\r\n" * 100_000))

    def test_mails_in_mails_are_read_to_a_depth(self) -> None:
        began = time.perf_counter()
        with pytest.raises(UnreadableMail, match=r"can not be told apart \(RecursionError\)"):
            read_mail(b"Content-Type: message/rfc822\r\n\r\n" * 30_000)
        assert time.perf_counter() - began < SOON

    @given(st.binary(max_size=300))
    def test_any_bytes_are_a_mail_or_unreadable(self, data: bytes) -> None:
        for head in (b"", b"Content-Type: text/html; charset=", b"Content-Type: multipart/mixed; boundary=", b"To: "):
            with suppress(UnreadableMail):
                assert isinstance(read_mail(head + data), ReceivedMail)
            assert isinstance(recipients(head + data), frozenset)


class TestRecipients:
    @pytest.mark.parametrize(
        "header",
        [
            "To: a@example.com",
            "TO: Someone <a@EXAMPLE.com>",
            'To: "b@example.com" <a@example.com>',
            "To: c@example.com, a@example.com",
            "To: c@example.com\nTo: a@example.com",
            "Delivered-To: a@example.com",
            "X-Original-To: <a@example.com>",
            "To: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <a@example.com>",
            "To: c@example.com,\n a@example.com",
        ],
    )
    def test_one_that_is_named(self, header: str) -> None:
        assert "a@example.com" in recipients(mail(header))

    @pytest.mark.parametrize(
        "header",
        [
            "To: aa@example.com",
            "To: a@example.com.example.org",
            'To: "a@example.com" <b@example.com>',
            "To: b@example.com (a@example.com)",
            "Cc: a@example.com",
            "From: a@example.com",
            "Subject: a@example.com",
            "To: A@example.com",
            "To: undisclosed-recipients:;",
            "",
        ],
    )
    def test_one_that_is_not(self, header: str) -> None:
        assert "a@example.com" not in recipients(mail(header))

    def test_a_field_that_is_made_to_take_long_does_not(self) -> None:
        began = time.perf_counter()
        assert recipients(mail("To: " + "(" * 60_000)) <= {""}
        assert "a@example.com" in recipients(mail("To: " + "a@example.com, " * 60_000))
        assert time.perf_counter() - began < SOON

    def test_an_address_is_compared_without_the_case_of_its_domain(self) -> None:
        assert comparable(" Ab@Example.COM ") == "Ab@example.com"
        assert comparable("nothing") == "nothing"
