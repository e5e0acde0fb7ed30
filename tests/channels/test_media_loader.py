"""Media are fetched within bounds, from the public Internet alone."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clarion.channels.media_loader import MediaLoader
from clarion.domain.media import MediaNotLoaded
from clarion.domain.outcomes import Rejected, Retry

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A web server on loopback: an answer by path."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answers[self.path](self)

            def log_message(self, *_: Any) -> None:
                pass  # a test prints nothing

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def answers(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def loader(**changes: Any) -> MediaLoader:
    return MediaLoader(private=True, **changes)


def refusal(of: MediaLoader, url: str) -> Rejected | Retry:
    with pytest.raises(MediaNotLoaded) as raised:
        of.load(url)
    return raised.value.outcome


def test_the_octets_of_an_address_are_fetched_with_its_query_and_through_redirects(site: Site) -> None:
    site.answers = {
        "/old?size=2": answers(302, Location="/new?size=2"),
        "/new?size=2": answers(body=b"picture" * 20_000),
    }
    assert loader().load(f"{site.url}/old?size=2") == b"picture" * 20_000


def test_an_address_that_leads_nowhere_is_given_up(site: Site) -> None:
    site.answers = {"/round": answers(302, Location="/round")}
    assert isinstance(refusal(loader(), f"{site.url}/round"), Rejected)


def test_an_address_that_leads_to_what_is_none_is_given_up(site: Site) -> None:
    site.answers = {"/a": answers(302, Location="https://[")}
    assert isinstance(refusal(loader(), f"{site.url}/a"), Rejected)


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, Rejected), (403, Rejected), (204, Rejected), (429, Retry), (503, Retry)]
)
def test_what_the_address_answers_tells_whether_it_is_worth_asking_again(
    site: Site, status: int, outcome: type
) -> None:
    site.answers = {"/a": answers(status)}
    found = refusal(loader(), f"{site.url}/a")
    assert isinstance(found, outcome)
    assert str(status) in found.reason


def test_a_medium_that_is_empty_is_refused(site: Site) -> None:
    site.answers = {"/a": answers()}
    assert isinstance(refusal(loader(), f"{site.url}/a"), Rejected)


def test_a_medium_without_end_is_cut_off_where_the_bound_is(site: Site) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            return

    site.answers = {"/a": endless}
    assert isinstance(refusal(loader(most_octets=1_000_000), f"{site.url}/a"), Rejected)


def test_a_medium_that_trickles_is_put_off(site: Site) -> None:
    site.answers = {"/a": answers(body=b"x" * 300_000)}
    seconds = iter(range(0, 1000, 8))
    assert isinstance(refusal(loader(clock=lambda: float(next(seconds))), f"{site.url}/a"), Retry)


def test_a_medium_that_comes_octet_by_octet_takes_no_longer_than_others(site: Site) -> None:
    told = 0

    def drop_by_drop(handler: BaseHTTPRequestHandler) -> None:
        nonlocal told
        handler.send_response(200)
        handler.send_header("Content-Length", "300000")
        handler.send_header("Connection", "close")
        handler.end_headers()
        with suppress(OSError):
            while told < 500 and not over.wait(0.01):
                handler.wfile.write(b"x")
                told += 1

    over = threading.Event()
    site.answers = {"/a": drop_by_drop}
    assert isinstance(refusal(loader(seconds=0.3), f"{site.url}/a"), Retry)
    over.set()
    assert told < 500


def test_a_machine_that_does_not_answer_is_asked_again_later() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert isinstance(refusal(loader(), f"http://127.0.0.1:{taken.getsockname()[1]}/a"), Retry)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_network_is_not_asked_whatever_its_name(site: Site, host: str) -> None:
    found = refusal(MediaLoader(), f"https://{host}:{site.server.server_port}/a")
    assert found == Rejected("MediaUnavailable", "the address of a medium is in a private network")


@pytest.mark.parametrize(
    "url",
    ["http://media.example/a.png", "ftp://media.example/a", "https:///a", "https://a:99999/", "file:///etc/passwd"],
)
def test_only_https_is_asked(url: str) -> None:
    assert isinstance(refusal(MediaLoader(), url), Rejected)
