"""Which addresses a name leads to, which of them may be contacted, and in which order."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from conformance.errors import ExchangeFault
from conformance.site.addresses import Addresses, kind_of, system_resolver


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", ""),
        ("2600::1", ""),
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("::ffff:192.168.1.1", "private"),
        ("2002:0a00:0001::1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b::808:808", ""),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("0.0.0.0", "reserved"),  # noqa: S104
        ("::", "reserved"),
        ("100.64.0.1", "reserved"),
        ("224.0.0.1", "reserved"),
        ("ff02::1", "reserved"),
    ],
)
def test_the_kind_of_an_address(address: str, kind: str) -> None:
    assert kind_of(address) == kind


def giving(*addresses: str) -> Callable[[str], Awaitable[Sequence[str]]]:
    async def resolve(_: str) -> Sequence[str]:
        return addresses

    return resolve


def of(addresses: Addresses, host: str, *, anywhere: bool = False) -> Sequence[str]:
    return asyncio.run(addresses.of(host, 1.0, anywhere=anywhere))


def test_only_what_may_be_contacted_is_left() -> None:
    resolver = giving("10.0.0.1", "8.8.8.8", "::1", "2600::1")
    assert of(Addresses(resolver=resolver), "a.example.com") == ("8.8.8.8", "2600::1")
    assert len(of(Addresses(private=True, resolver=resolver), "a.example.com")) == 4
    assert len(of(Addresses(resolver=resolver), "proxy.example.com", anywhere=True)) == 4


def test_where_nothing_is_left_all_is_told() -> None:
    with pytest.raises(ExchangeFault) as caught:
        of(Addresses(resolver=giving("10.0.0.1", "::1")), "a.example.com")
    told = "a.example.com is a private address 10.0.0.1, loopback address ::1; contacted only where private_addresses"
    assert caught.value.detail.startswith(told)
    assert (caught.value.kind, caught.value.sent) == ("address", False)


@pytest.mark.parametrize("address", ["8.8.8.8", "10.0.0.1"])
def test_localhost_is_this_machine_or_nothing(address: str) -> None:
    assert of(Addresses(private=True, resolver=giving(address, "127.0.0.1")), "localhost") == ("127.0.0.1",)
    with pytest.raises(ExchangeFault, match=r"^address: localhost leads to no loopback address"):
        of(Addresses(private=True, resolver=giving(address)), "localhost")


def test_an_address_is_no_question() -> None:
    async def never_asked(_: str) -> Sequence[str]:
        raise AssertionError

    assert of(Addresses(private=True, resolver=never_asked), "127.0.0.1") == ("127.0.0.1",)
    assert of(Addresses(private=True, resolver=never_asked), "::1") == ("::1",)


def test_many_at_once_ask_once() -> None:
    asked = []

    async def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        await asyncio.sleep(0.01)
        return ["8.8.8.8"]

    async def scenario() -> list[Sequence[str]]:
        addresses = Addresses(resolver=resolve)
        return await asyncio.gather(*(addresses.of("a.example.com", 1.0) for _ in range(10)))

    assert asyncio.run(scenario()) == [("8.8.8.8",)] * 10
    assert asked == ["a.example.com"]


def test_a_name_that_could_not_be_found_is_asked_for_again() -> None:
    answers: list[list[str]] = [[], ["8.8.8.8"]]

    async def resolve(_: str) -> Sequence[str]:
        return answers.pop(0)

    async def scenario() -> Sequence[str]:
        addresses = Addresses(resolver=resolve)
        with pytest.raises(ExchangeFault, match=r"^dns: a.example.com has no address"):
            await addresses.of("a.example.com", 1.0)
        return await addresses.of("a.example.com", 1.0)

    assert asyncio.run(scenario()) == ("8.8.8.8",)


def test_the_system_knows_localhost() -> None:
    found = asyncio.run(system_resolver("localhost"))
    assert found
    assert {kind_of(address) for address in found} == {"loopback"}


@pytest.mark.parametrize("host", ["a..example.com", "x" * 300])
def test_a_name_that_is_none_is_told_as_dns(host: str) -> None:
    with pytest.raises(ExchangeFault, match=r"^dns: "):
        of(Addresses(), host)


def test_a_name_that_does_not_exist_is_told_as_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ExchangeFault, match=r"^dns: go.webex.invalid: Name or service not known$"):
        of(Addresses(), "go.webex.invalid")


def test_a_name_server_that_hangs_keeps_nobody_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    clock = time.perf_counter()
    with pytest.raises(ExchangeFault, match=r"^dns: no name server answered for a.example.com in 0.1 s$"):
        asyncio.run(Addresses().of("a.example.com", 0.1))
    assert time.perf_counter() - clock < 5
    over.set()
