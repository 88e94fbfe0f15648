"""The mailbox against a real IMAP server; what servers do wrong stands in test_imap_faults.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import dovecot
import pytest
from dovecot import PASSWORD, USER, Dovecot

from conformance.live.imap import MAX_MAILS, ImapMailbox
from conformance.live.imap_connection import MailboxSettings
from conformance.live.received import MAX_MAIL
from conformance.site.seam import NotObservable, ReceivedMail

if dovecot.program() is None:
    pytest.skip("dovecot, the IMAP server that the mailbox is read from, is not installed", allow_module_level=True)

TO = "a@example.com"
LONG = 30.0
"""More seconds than anything here takes."""


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    """A server for all tests of the module."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Iterator[Dovecot]:
    """The server, with an empty mailbox."""
    running.empty()
    yield running
    running.empty()


def settings(server: Dovecot, **changed: Any) -> MailboxSettings:
    """Return settings for the server without TLS, with little patience."""
    usual = MailboxSettings(
        "127.0.0.1",
        USER,
        PASSWORD,
        port=server.plain_port,
        tls="none",
        wait_seconds=LONG,
        settle_seconds=0.1,
        poll_seconds=0.05,
        call_seconds=LONG,
    )
    return replace(usual, **changed)


def mail(to: str = TO, subject: str = "Hello", body: str = "text", field: str = "To") -> bytes:
    """Return a mail."""
    return f"{field}: {to}\r\nSubject: {subject}\r\nContent-Language: en\r\n\r\n{body}\r\n".encode()


def with_mailbox(settings: MailboxSettings, use: Callable[[ImapMailbox], Coroutine[Any, Any, Any]]) -> Any:
    """Return what ``use`` comes to, with a mailbox that is open."""

    async def run() -> Any:
        mailbox = ImapMailbox(settings)
        await mailbox.open()
        try:
            return await use(mailbox)
        finally:
            await mailbox.close()

    return asyncio.run(run())


def subjects(mails: list[ReceivedMail]) -> list[str]:
    """Return the subjects."""
    return [mail.subject for mail in mails]


class TestFinding:
    def test_a_mail_that_arrived_since_the_run_began_is_read(self, server: Dovecot) -> None:
        server.deliver(mail(subject="before"))

        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail(subject="after", body="see http://example.com/x."))
            return await mailbox.mails(TO, 1)

        (found,) = with_mailbox(settings(server), use)
        assert found == ReceivedMail("after", "see http://example.com/x.\n", "text", "en", ("http://example.com/x",))

    @pytest.mark.parametrize("field", ["To", "Delivered-To", "X-Original-To"])
    @pytest.mark.parametrize("asked", ["a@example.com", "a@EXAMPLE.com"])
    def test_a_recipient_is_found_in_each_field(self, server: Dovecot, field: str, asked: str) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail(to="Someone <a@Example.com>", field=field))
            return await mailbox.mails(asked, 1)

        assert subjects(with_mailbox(settings(server), use)) == ["Hello"]

    @pytest.mark.parametrize("to", ["a+b@example.com", "back\\slash@example.com", "ü@example.com"])
    def test_addresses_that_need_quoting_are_found(self, server: Dovecot, to: str) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail(to=to, field="Delivered-To"))
            return await mailbox.mails(to, 1)

        assert subjects(with_mailbox(settings(server), use)) == ["Hello"]

    def test_a_quote_in_an_address_is_no_end_of_it(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail())
            return await mailbox.mails('a" OR ALL "@example.com', 0)

        assert with_mailbox(settings(server, wait_seconds=0.1), use) == []

    def test_mails_to_others_are_not_taken_for_it(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            for other in ("aa@example.com", f'"{TO}" <b@example.com>', f"{TO}.example.org", "A@example.com"):
                server.deliver(mail(to=other, subject="other"))
            server.deliver(mail())
            return await mailbox.mails(TO, 1)

        assert subjects(with_mailbox(settings(server), use)) == ["Hello"]

    def test_of_a_full_mailbox_only_the_few_are_fetched(self, server: Dovecot) -> None:
        for _ in range(2000):
            server.deliver(mail(subject="old"))

        async def use(mailbox: ImapMailbox) -> Any:
            for number in range(200):
                server.deliver(mail(to=f"b{number}@example.com"))
            server.deliver(mail(subject="new"))
            began = time.perf_counter()
            return subjects(await mailbox.mails(TO, 1)), time.perf_counter() - began

        found, took = with_mailbox(settings(server), use)
        assert found == ["new"]
        assert took < 5

    def test_of_a_huge_mail_the_beginning_is_fetched(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail(body="x" * 50 + "\r\n" + ("y" * 900 + "\r\n") * 9000))
            return await mailbox.mails(TO, 1)

        (found,) = with_mailbox(settings(server), use)
        assert MAX_MAIL * 0.9 < len(found.body) < MAX_MAIL

    def test_more_mails_than_anything_sends_are_no_answer(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            for _ in range(MAX_MAILS + 1):
                server.deliver(mail())
            await mailbox.mails(TO, 1)

        with pytest.raises(NotObservable, match=r"more than 100 mails to a@example\.com"):
            with_mailbox(settings(server), use)

    def test_a_mail_that_can_not_be_read_is_no_answer(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(b"To: " + TO.encode() + b"\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 3000)
            await mailbox.mails(TO, 1)

        with pytest.raises(NotObservable, match=r"a mail to a@example\.com can not be read"):
            with_mailbox(settings(server), use)

    @pytest.mark.parametrize("to", ["", "a@example.com\r\nA1 LOGOUT", "a\0@example.com", "a" * 400])
    def test_what_is_no_address_is_never_sent_to_the_server(self, server: Dovecot, to: str) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            await mailbox.mails(to, 1)

        with pytest.raises(NotObservable, match="that is no address") as caught:
            with_mailbox(settings(server), use)
        assert "\n" not in str(caught.value)

    def test_nothing_is_changed_in_the_mailbox(self, server: Dovecot) -> None:
        server.deliver(mail())

        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail())
            return await mailbox.mails(TO, 1)

        with_mailbox(settings(server), use)
        assert server.unread == 2

    def test_another_folder_can_be_read(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail(subject="elsewhere"), folder=".Staging &ANw-")
            server.deliver(mail(subject="inbox"))
            return await mailbox.mails(TO, 1)

        server.make_folder(".Staging &ANw-")
        found = with_mailbox(settings(server, folder="Staging Ü"), use)
        assert subjects(found) == ["elsewhere"]


class TestWaiting:
    def test_a_mail_is_waited_for(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            asyncio.get_running_loop().call_later(0.3, server.deliver, mail())
            return await mailbox.mails(TO, 1)

        began = time.perf_counter()
        assert subjects(with_mailbox(settings(server), use)) == ["Hello"]
        assert 0.3 <= time.perf_counter() - began < LONG / 2

    def test_without_a_count_one_is_waited_for(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            asyncio.get_running_loop().call_later(0.3, server.deliver, mail())
            return await mailbox.mails(TO)

        assert subjects(with_mailbox(settings(server), use)) == ["Hello"]

    def test_several_are_told_oldest_first(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            for number in range(3):
                asyncio.get_running_loop().call_later(0.1 + number / 4, server.deliver, mail(subject=str(number)))
            return await mailbox.mails(TO, 3)

        assert subjects(with_mailbox(settings(server), use)) == ["0", "1", "2"]

    def test_one_too_many_is_seen(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail())
            asyncio.get_running_loop().call_later(0.4, server.deliver, mail(subject="again"))
            return await mailbox.mails(TO, 1)

        assert subjects(with_mailbox(settings(server, settle_seconds=1.0), use)) == ["Hello", "again"]

    def test_that_none_comes_takes_the_whole_time_to_see(self, server: Dovecot) -> None:
        began = time.perf_counter()
        assert with_mailbox(settings(server, wait_seconds=0.5), lambda mailbox: mailbox.mails(TO, 0)) == []
        assert time.perf_counter() - began >= 0.5

    def test_one_that_comes_late_where_none_is_expected_is_seen(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            asyncio.get_running_loop().call_later(0.5, server.deliver, mail())
            return await mailbox.mails(TO, 0)

        assert subjects(with_mailbox(settings(server, wait_seconds=1.0), use)) == ["Hello"]

    def test_fewer_than_expected_are_told_when_the_time_is_over(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail())
            return await mailbox.mails(TO, 2)

        assert subjects(with_mailbox(settings(server, wait_seconds=0.5), use)) == ["Hello"]

    def test_many_can_wait_at_a_time_over_one_connection(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            addresses = [f"{number}@example.com" for number in range(16)]
            waiting = [asyncio.create_task(mailbox.mails(address, 1)) for address in addresses]
            await asyncio.sleep(0.2)
            for address in reversed(addresses):
                server.deliver(mail(to=address, subject=address))
            return addresses, [found.subject for (found,) in await asyncio.gather(*waiting)]

        before = server.log.count("Login:")
        asked, got = with_mailbox(settings(server), use)
        assert got == asked
        assert server.log.count("Login:") == before + 1

    def test_who_is_no_longer_waited_for_leaves_the_mailbox_usable(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            for after in (0.0, 0.001, 0.01, 0.05, 0.1):
                waiting = asyncio.create_task(mailbox.mails(TO, 1))
                await asyncio.sleep(after)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            server.deliver(mail())
            return await mailbox.mails(TO, 1)

        assert subjects(with_mailbox(settings(server), use)) == ["Hello"]


class TestConnecting:
    @pytest.mark.parametrize("tls", ["implicit", "starttls"])
    def test_over_tls_with_an_authority_of_ones_own(self, server: Dovecot, tls: str) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail())
            return await mailbox.mails(TO, 1)

        port = server.tls_port if tls == "implicit" else server.plain_port
        secure = settings(server, host="localhost", port=port, tls=tls, ca_file=server.authority)
        assert subjects(with_mailbox(secure, use)) == ["Hello"]

    @pytest.mark.parametrize("tls", ["implicit", "starttls"])
    @pytest.mark.parametrize(("changed", "told"), [({"ca_file": None}, "TLS: "), ({"host": "127.0.0.1"}, "TLS: IP")])
    def test_a_certificate_that_is_not_to_be_trusted_ends_it_before_the_password(
        self, server: Dovecot, tls: str, changed: dict[str, Any], told: str
    ) -> None:
        port = server.tls_port if tls == "implicit" else server.plain_port
        right = settings(server, host="localhost", port=port, tls=tls, ca_file=server.authority)
        before = server.log.count("Login:")
        with pytest.raises(NotObservable, match=told):
            with_mailbox(replace(right, **changed), lambda mailbox: mailbox.mails(TO, 1))
        assert server.log.count("Login:") == before

    def test_a_password_that_is_refused_is_never_tried_again(self, server: Dovecot) -> None:
        async def run() -> list[str]:
            mailbox = ImapMailbox(settings(server, password="Wrong-Canary"))
            told = []
            for attempt in (mailbox.open(), mailbox.mails(TO, 1), mailbox.mails(TO, 0)):
                with pytest.raises(NotObservable) as caught:
                    await attempt
                told.append(str(caught.value))
            await mailbox.close()
            return told

        told = asyncio.run(run())
        assert len(set(told)) == 1
        assert f"the mailbox qa at 127.0.0.1:{server.plain_port}: signing in as qa was refused: " in told[0]
        assert "Canary" not in told[0]
        assert server.await_in_log("auth failed, 1 attempts") == 1

    def test_a_folder_that_is_not_there_is_told(self, server: Dovecot) -> None:
        with pytest.raises(NotObservable, match=r"nowhere|doesn't exist"):
            with_mailbox(settings(server, folder="nowhere"), lambda mailbox: mailbox.mails(TO, 1))

    def test_a_connection_that_was_lost_is_made_again(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.deliver(mail())
            await mailbox.mails(TO, 1)
            server.stop()
            server.start()
            server.deliver(mail(subject="after"))
            return await mailbox.mails(TO, 2)

        assert subjects(with_mailbox(settings(server), use)) == ["Hello", "after"]

    def test_a_server_that_is_gone_is_told_when_the_time_is_over(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.stop()
            try:
                await mailbox.mails(TO, 0)
            finally:
                server.start()

        with pytest.raises(NotObservable, match="Connection refused"):
            with_mailbox(settings(server, wait_seconds=0.2, call_seconds=0.5), use)

    def test_numbers_that_begin_anew_are_no_evidence(self, server: Dovecot) -> None:
        async def use(mailbox: ImapMailbox) -> Any:
            server.stop()
            server.renumber()
            server.start()
            await mailbox.mails(TO, 1)

        with pytest.raises(NotObservable, match="numbered its mails anew"):
            with_mailbox(settings(server), use)
