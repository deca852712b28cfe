"""No feed and no redirect gets a request to an address that is not public, however it is spelled or resolved."""

import asyncio
import ipaddress
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.addresses import AddressPolicy, AddressRefusedError, CheckedResolver, host_address
from ingest.fetch.client import Fetcher
from ingest.fetch.config import FetchConfig
from ingest.fetch.outcomes import Failure, Outcome, Request, Response

CONFIG = FetchConfig("editor@newsroom.example", total_timeout=3.0, connect_timeout=1.0)

REFUSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.9.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
]
ALLOWED = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]

SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f.0.0.1/",
    "http://0x7f000001/",
    "http://127.0.0.1./",
    "http://１２７.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://0/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::]/",
    "http://[fe80::1%25lo]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://user:pw@127.0.0.1/",
    "https://10.1.2.3:8443/",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    refusal = AddressPolicy().refusal("news.example", address)
    assert refusal is not None
    assert "news.example" in refusal


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_not(address: str) -> None:
    assert AddressPolicy().refusal("news.example", address) is None


@given(st.ip_addresses())
def test_what_python_calls_not_global_is_never_asked(address: Any) -> None:
    refusal = AddressPolicy().refusal("news.example", str(address))
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        assert refusal is not None
    if isinstance(address, ipaddress.IPv4Address) and not address.is_global:
        assert refusal is not None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_ipv6_clothes(address: ipaddress.IPv4Address) -> None:
    policy = AddressPolicy()
    plain = policy.refusal("h", str(address)) is None
    assert (policy.refusal("h", f"::ffff:{address}") is None) == plain
    assert (policy.refusal("h", f"64:ff9b::{address}") is None) == plain


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_recognised(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for spelling in (str(address), str(number), hex(number), oct(number).replace("0o", "0"), f"{address}."):
        assert host_address(spelling) == address


def test_hosts_addresses_and_networks_can_be_allowed() -> None:
    policy = AddressPolicy.allowing({"Intranet.Example.", "10.1.0.0/16", "192.168.7.7", "::1"})
    assert policy.refusal("intranet.example", "127.0.0.1") is None
    assert policy.refusal("x.example", "10.1.200.3") is None
    assert policy.refusal("x.example", "::ffff:10.1.0.3") is None
    assert policy.refusal("x.example", "192.168.7.7") is None
    assert policy.refusal("x.example", "192.168.7.8") is not None
    assert policy.refusal("x.example", "10.2.0.1") is not None


@pytest.mark.parametrize("entry", ["", "a b", "http://x.example", "10.0.0.0/99", "user@host"])
def test_what_cannot_be_allowed_is_said(entry: str) -> None:
    with pytest.raises(ValueError):
        AddressPolicy.allowing({entry})


@pytest.mark.parametrize("url", SPELLINGS)
def test_odd_spellings_reach_nothing(url: str) -> None:
    async def main() -> Outcome:
        async with Fetcher(CONFIG, lookup=lambda *_: pytest.fail("a literal address was looked up")) as fetcher:
            return await fetcher.fetch(Request(url))

    outcome = asyncio.run(main())
    assert isinstance(outcome, Failure)
    assert outcome.reason == "address_refused", outcome


class Names:
    """A name server that answers each name with one list of addresses after the other."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(lists) for name, lists in answers.items()}

    def __call__(self, host: str, _port: int, _family: int) -> Iterable[tuple[int, str]]:
        lists = self.answers[host]
        addresses = lists.pop(0) if len(lists) > 1 else lists[0]
        return [(10 if ":" in address else 2, address) for address in addresses]


def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    async def main() -> Outcome:
        async with Fetcher(CONFIG, lookup=Names(evil_example=[["127.0.0.1", "::1"]])) as fetcher:
            return await fetcher.fetch(Request("http://evil.example/"))

    outcome = asyncio.run(main())
    assert isinstance(outcome, Failure)
    assert outcome.reason == "address_refused"
    assert not outcome.retryable
    assert "evil.example leads to 127.0.0.1" in outcome.message


def test_only_the_public_addresses_of_a_name_are_used() -> None:
    async def main() -> list[str]:
        resolver = CheckedResolver(AddressPolicy(), Names(mixed_example=[["10.0.0.1", "8.8.8.8", "::1"]]))
        try:
            return [found["host"] for found in await resolver.resolve("mixed.example", 80)]
        finally:
            await resolver.close()

    assert asyncio.run(main()) == ["8.8.8.8"]


def test_a_name_is_checked_again_when_it_resolves_differently_the_second_time() -> None:
    async def main() -> None:
        resolver = CheckedResolver(AddressPolicy(), Names(rebind_example=[["8.8.8.8"], ["127.0.0.1"]]))
        try:
            assert [found["host"] for found in await resolver.resolve("rebind.example", 80)] == ["8.8.8.8"]
            with pytest.raises(AddressRefusedError, match="loopback"):
                await resolver.resolve("rebind.example", 80)
        finally:
            await resolver.close()

    asyncio.run(main())


def test_a_redirect_to_a_private_address_is_refused(serve: Any, respond: Any) -> None:
    """The first host is allowed by its name; where it redirects to, on the same machine, is not."""

    async def main() -> None:
        async with serve({}) as server:
            settings = FetchConfig("editor@newsroom.example", allow_private=frozenset({"front.example"}))
            lookup = Names(front_example=[["127.0.0.1"]], back_example=[["127.0.0.1"]])
            async with Fetcher(settings, lookup=lookup) as fetcher:
                start = f"http://front.example:{server.port}"
                server.replies["/fine"] = respond(200, "x")
                assert isinstance(await fetcher.fetch(Request(f"{start}/fine")), Response)
                for number, target in enumerate(
                    [
                        f"http://127.0.0.1:{server.port}/s",
                        f"http://back.example:{server.port}/s",
                        f"http://[::1]:{server.port}/s",
                    ]
                ):
                    server.replies[f"/{number}"] = respond(302, b"", {"Location": target})
                    outcome = await fetcher.fetch(Request(f"{start}/{number}"))
                    assert isinstance(outcome, Failure)
                    assert outcome.reason == "address_refused", outcome
            assert "/s" not in server.paths()

    asyncio.run(main())


def test_ipv6_works_where_it_is_allowed(serve: Any, respond: Any) -> None:
    async def main() -> Outcome:
        async with serve({"*": respond(200, "six")}, address="::1") as server:
            settings = FetchConfig("editor@newsroom.example", allow_private=frozenset({"::1"}), robots=False)
            async with Fetcher(settings) as fetcher:
                outcome: Outcome = await fetcher.fetch(Request(f"http://[::1]:{server.port}/"))
                return outcome

    try:
        outcome = asyncio.run(main())
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    assert isinstance(outcome, Response)
    assert outcome.body == b"six"
