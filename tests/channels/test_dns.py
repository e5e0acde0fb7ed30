"""DNS as a check asks it, against a server on the loopback interface."""

import dns.rcode
import pytest

from clarion.channels.dns import DnsLookups
from clarion.domain.finding import DnsUnanswered
from tests.channels.dns_server import dns_server

ZONE = {
    ("example.com", "NS"): ["ns.example.com."],
    ("example.com", "TXT"): ['"v=spf1 include:amazonses" ".com ~all"', '"other"'],
    ("example.com", "MX"): ["20 b.example.com.", "10 A.example.com."],
    ("null.example.com", "MX"): ["0 ."],
    ("odd.example.com", "TXT"): ['"\\255"'],
}


def test_records_are_read_and_what_is_missing_is_none() -> None:
    with dns_server(ZONE) as (resolver, _):
        lookups = DnsLookups(resolver)
        assert sorted(lookups.texts("example.com")) == ["other", "v=spf1 include:amazonses.com ~all"]
        assert lookups.mail_hosts("example.com") == ["a.example.com", "b.example.com"]
        assert lookups.mail_hosts("null.example.com") == [""]
        assert lookups.mail_hosts("odd.example.com") == []
        assert lookups.texts("nothing.example.com") == []
        assert lookups.texts("odd.example.com") == ["\ufffd"]


def test_a_name_without_records_exists_and_an_unknown_one_does_not() -> None:
    with dns_server(ZONE) as (resolver, _):
        lookups = DnsLookups(resolver)
        assert lookups.exists("example.com")
        assert lookups.exists("null.example.com")
        assert not lookups.exists("unknown.example.net")


def test_what_was_asked_once_is_not_asked_again() -> None:
    with dns_server(ZONE, rcodes={"broken.example.com": dns.rcode.SERVFAIL}) as (resolver, asked):
        lookups = DnsLookups(resolver)
        for _ in range(2):
            lookups.texts("example.com")
            with pytest.raises(DnsUnanswered):
                lookups.texts("broken.example.com")
        assert asked == ["example.com TXT", "broken.example.com TXT"]


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_an_error_of_the_servers_is_no_answer(code: dns.rcode.Rcode) -> None:
    told = pytest.raises(DnsUnanswered, match="answered with an error when asked for TXT records of example")
    with dns_server(ZONE, rcodes={"example.com": code}) as (resolver, _), told:
        DnsLookups(resolver).texts("example.com")


def test_silence_ends_after_the_time_of_one_answer() -> None:
    told = pytest.raises(DnsUnanswered, match="did not answer in time")
    with dns_server(ZONE, silent={"example.com"}) as (resolver, _), told:
        DnsLookups(resolver, per_answer=0.1).texts("example.com")


def test_nothing_is_asked_once_the_time_of_the_check_is_used_up() -> None:
    seconds = iter([0.0, 1.0, 11.0])
    with dns_server(ZONE) as (resolver, asked):
        lookups = DnsLookups(resolver, clock=lambda: next(seconds))
        lookups.texts("example.com")
        with pytest.raises(DnsUnanswered, match="is used up"):
            lookups.texts("null.example.com")
        assert asked == ["example.com TXT"]


def test_a_name_that_dns_cannot_hold_is_no_answer() -> None:
    with dns_server(ZONE) as (resolver, asked):
        with pytest.raises(DnsUnanswered, match="cannot be asked"):
            DnsLookups(resolver).texts(f"{'x' * 64}.example.com")
        assert asked == []
