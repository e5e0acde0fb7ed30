"""A DNS server on the loopback interface, in dnspython's own messages."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

Zone = Mapping[tuple[str, str], list[str]]
"""Records as a zone file writes them, by name and type: ``{("example.com", "TXT"): ['"v=spf1 -all"']}``."""


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, zone: Zone, rcodes: Mapping[str, dns.rcode.Rcode], silent: set[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.zone, self.rcodes, self.silent = zone, rcodes, silent
        self.asked: list[str] = []


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        data, socket = self.request
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        server.asked.append(f"{name} {kind}")
        if name in server.silent:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        known = {owner for owner, _ in server.zone}
        if name in server.rcodes:
            answer.set_rcode(server.rcodes[name])
        elif (name, kind) in server.zone:
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *server.zone[name, kind]))
        elif not any(owner == name or owner.endswith(f".{name}") for owner in known):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


@contextmanager
def dns_server(
    zone: Zone, rcodes: Mapping[str, dns.rcode.Rcode] | None = None, silent: set[str] | None = None
) -> Iterator[tuple[dns.resolver.Resolver, list[str]]]:
    """A resolver that asks the server, and the questions it got. Names in ``silent`` are never answered."""
    with _Server(zone, rcodes or {}, silent or set()) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.server_address[1]
        try:
            yield resolver, server.asked
        finally:
            server.shutdown()
            thread.join()
