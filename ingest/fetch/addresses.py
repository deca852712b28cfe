"""Which addresses may be asked. A feed can name any host, and any name can resolve to any address, so what counts is
the address that a connection is about to be made to: it is checked after DNS, each time, before the socket opens.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int, int], Iterable[tuple[int, str]]]
"""Host, port and family to (family, address) pairs; raises OSError where there are none."""

# Cloud services that answer their own machines on addresses that no registry calls special.
_SERVICES = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
# IPv6 that stands for an IPv4 address: mapped and compatible (RFC 4291, section 2.5.5), NAT64 (RFC 6052).
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96")))
# 6to4 relays, Teredo and 6to4 tunnels, local NAT64, site-local, discard-only, SRv6: never a web server of the public.
_REFUSED_V4 = ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")
_REFUSED_V6 = ("2001::/23", "2002::/16", "64:ff9b:1::/48", "fec0::/10", "100::/64", "5f00::/16")
_REFUSED = tuple(map(ipaddress.ip_network, (*_REFUSED_V4, *_REFUSED_V6)))


class AddressRefusedError(OSError):
    """A host's address may not be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Refuses every address that is not public, unless its host or network is allowed by name."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def allowing(cls, entries: Iterable[str]) -> "AddressPolicy":
        """Of host names, addresses and networks. Raises ValueError for what is none of them."""
        hosts, networks = set(), []
        for entry in sorted(entries):
            text = entry.strip().strip("[]").rstrip(".").lower()
            if "/" in text or _literal(text) is not None:
                networks.append(ipaddress.ip_network(text, strict=False))
            elif text and not set(text) & set(" @:?#"):
                hosts.add(text)
            else:
                raise ValueError(f"neither a host, an address nor a network: {entry!r}")
        return cls(frozenset(hosts), tuple(networks))

    def refusal(self, host: str, address: str) -> str | None:
        """Why this address may not be asked for this host, or None where it may."""
        found = _literal(address)
        if found is None:
            return f"{host} has no usable address"
        meant = _carried(found)
        if host.rstrip(".").lower() in self.hosts or any(meant in net or found in net for net in self.networks):
            return None
        kind = _kind(meant)
        if kind is None:
            return None
        return f"{host} is {kind}" if host.strip("[]") == str(found) else f"{host} leads to {found}, {kind}"


def host_address(host: str) -> Address | None:
    """The address that a URL's host spells out, in whichever spelling the C library takes, or None for a name.

    Decimal (`2130706433`), octal (`0177.0.0.1`), hexadecimal (`0x7f.1`) and short forms (`127.1`) all count.
    """
    found = _literal(host)
    if found is not None or ":" in host:
        return found
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, ValueError):
        return None


def system_lookup(host: str, port: int, family: int) -> Iterable[tuple[int, str]]:
    """The operating system's resolver."""
    for found_family, _, _, _, sockaddr in socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM):
        yield found_family, str(sockaddr[0])


class CheckedResolver(AbstractResolver):
    """Resolves names for aiohttp's connector, and hands on no address that the policy refuses.

    The connector connects to just the addresses that are returned here, so a name that resolves differently the next
    time is checked again the next time. Lookups have threads of their own: a name server that hangs must not hold up
    the hosts of others.
    """

    def __init__(self, policy: AddressPolicy, lookup: Lookup = system_lookup, threads: int = 64) -> None:
        self._policy = policy
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, lambda: list(self._lookup(host, port, family)))
        refusals = [self._policy.refusal(host, address) for _, address in found]
        usable = [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=address_family,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for (address_family, address), refusal in zip(found, refusals, strict=True)
            if refusal is None
        ]
        if usable:
            return usable
        if refusals:
            raise AddressRefusedError(refusals[0])
        raise OSError(f"{host} has no address")

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a host is served instead: address, port, and `http` or `https`."""

    address: str
    port: int
    scheme: str


class Overrides:
    """Hosts that are served elsewhere, such as a newsroom of samples on a loopback port.

    `Overrides({"newsroom.example": ("127.0.0.1", 8123, "http")})` sends requests for https://newsroom.example/… to
    that port over plain HTTP, with `Host: newsroom.example`. Outcomes name the host, never the port.
    """

    def __init__(self, hosts: Mapping[str, tuple[str, int, str]]) -> None:
        self._targets = {host.lower(): Target(*target) for host, target in hosts.items()}

    def target(self, host: str) -> Target | None:
        """The target of `host`: its own, or that of the nearest domain above it."""
        labels = host.lower().split(".")
        names = (".".join(labels[n:]) for n in range(len(labels)))
        return next((self._targets[name] for name in names if name in self._targets), None)


def _literal(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for; any other address itself."""
    if isinstance(address, ipaddress.IPv6Address) and int(address) > 1 and any(address in net for net in _CARRIERS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _kind(address: Address) -> str | None:
    """What is wrong with an address, or None for a public one."""
    if address in _SERVICES:
        return "the address of a cloud's own service"
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if any(address in network for network in _REFUSED) or address.is_reserved or address.is_unspecified:
        return "a reserved address"
    if address.is_private or not address.is_global:
        return "a private address"
    return None
