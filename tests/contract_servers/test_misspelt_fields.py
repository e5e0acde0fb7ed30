"""Every field that an adapter sends is known to the vendor's contract server: misspelt, it would be found out.

Each adapter does all it can; then each of its requests is repeated with one field misspelt, once for every field, be it
in a query, a form, JSON, JSON within a form, or a query in Google's language.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import urllib3

from clarion.channels.facebook_page import FacebookPageChannel
from clarion.channels.google_ads import GoogleAds
from clarion.channels.google_audiences import GoogleAudiences
from clarion.channels.instagram import InstagramChannel
from clarion.channels.linkedin import LinkedInChannel
from clarion.channels.meta_ads import MetaAds
from clarion.channels.meta_audiences import MetaAudiences
from clarion.channels.x import XChannel
from clarion.channels.x_client import XClient
from clarion.domain.ad_audience import AudienceMember, UploadedAudience
from clarion.domain.post import PostChannel
from tests.channels.adverts import an_advert
from tests.channels.http_vendors import COMPANY, CUSTOMER, IG_ACCOUNT, PAGE, SEARCH, VENDORS, google, graph, rows
from tests.channels.posts import DraftsInMemory, a_film, a_post, an_image
from tests.contract_servers.dialogue import Dialogue
from tests.contract_servers.server import FORMS, Received, Reply

NOW = date(2026, 12, 1)
PEOPLE = [AudienceMember("zoe@example.com", "+493090182080")]
RINGERS = UploadedAudience("01JA", "Bell ringers")
MADE = Reply(200, body={"id": "900"})
UPLOADED = Reply(200, body={"data": {"id": "1880028106020515840"}})


def post_in_every_way(channel: PostChannel, profile: str, vendor_id: str, *, film: bool = True) -> None:
    for number, media in enumerate(((an_image(),), (a_film(),) if film else (), (an_image(), an_image()))):
        channel.publish(a_post(id=f"p{number}", profile_id=profile, media=media))
    channel.find(a_post(profile_id=profile))
    channel.metrics(vendor_id)


def facebook(server: Dialogue) -> None:
    server.answer({f"POST /v25.0/{PAGE}/{edge}": MADE for edge in ("photos", "videos")})
    server.answer({f"GET /v25.0/{PAGE}_77": Reply(200, body={})})
    post_in_every_way(FacebookPageChannel(graph(server.url)), PAGE, f"{PAGE}_77")


def instagram(server: Dialogue) -> None:
    channel = InstagramChannel(graph(server.url), DraftsInMemory(), wait=lambda seconds: None)
    post_in_every_way(channel, IG_ACCOUNT, "900")


def linkedin(server: Dialogue) -> None:
    urn = "urn:li:share:7243"
    told = {"value": {"uploadUrl": f"{server.url}/dms-uploads/x", "image": "urn:li:image:C4E"}}
    server.answer({
        "POST /rest/images": Reply(200, body=told), "PUT /dms-uploads/x": Reply(201),
        f"GET /rest/posts/{urn}": Reply(200, body={"author": COMPANY}),
    })  # fmt: skip
    post_in_every_way(LinkedInChannel("token", server.url), COMPANY, urn, film=False)


def x(server: Dialogue) -> None:
    name = UPLOADED.body["data"]["id"]
    server.answer({
        "POST /2/media/upload/initialize": UPLOADED, f"POST /2/media/upload/{name}/append": UPLOADED,
        f"POST /2/media/upload/{name}/finalize": UPLOADED, "GET /2/media/upload": UPLOADED,
    })  # fmt: skip
    channel = XChannel(XClient("token", server.url), DraftsInMemory(), wait=lambda seconds: None)
    post_in_every_way(channel, a_post().profile_id, "14")


def meta(server: Dialogue) -> None:
    ads, audiences = MetaAds(graph(server.url), "act_42", "1067"), MetaAudiences(graph(server.url), "act_42")
    ads.create(an_advert(special_categories=frozenset({"housing"}), audience_id="77"))
    ads.results("101", NOW, NOW)
    server.answer({"GET /v25.0/act_42/customaudiences": Reply(200, body={"data": []})})
    audiences.begin(RINGERS)
    audiences.add("200", PEOPLE)


def google_ads(server: Dialogue) -> None:
    ads, audiences = GoogleAds(google(server.url)), GoogleAudiences(google(server.url))
    ads.create(an_advert(audience_id="9"))
    server.answer({
        SEARCH: rows(), f"POST {CUSTOMER}/userLists:mutate": Reply(200, body={"results": [{"resourceName": "a/9"}]}),
        f"POST {CUSTOMER}/offlineUserDataJobs:create": Reply(200, body={"resourceName": "a/8"}),
    })  # fmt: skip
    ads.results("77", NOW, NOW)
    audiences.begin(RINGERS)
    audiences.add("9/8", PEOPLE)
    audiences.finish("9/8")


MORE: Mapping[str, Callable[[Dialogue], None]] = {
    "facebook_page": facebook, "instagram": instagram, "linkedin": linkedin, "x": x, "meta_ads": meta,
    "google_ads": google_ads,
}  # fmt: skip
"""What an adapter does beside the one thing of `VENDORS`."""

OURS: Mapping[str, tuple[str, ...]] = {"sendgrid": ("headers.", "personalizations.custom_args."), "mailgun": ("v:",)}
"""Where a vendor leaves the names to its callers."""


@dataclass(frozen=True)
class Misspelt:
    """``request`` with the field at ``place`` called ``name``."""

    place: str
    name: str
    request: Received

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for requests that differ in values alone."""
        return self.request.method, self.request.path.partition("?")[0], self.place


def misspellings(request: Received) -> Iterator[Misspelt]:
    path, _, query = request.path.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    for number, (name, value) in enumerate(pairs):
        wrong = f"{name}x"
        told = urlencode([*pairs[:number], (wrong, value), *pairs[number + 1 :]])
        yield Misspelt(f"?{name}", wrong, replace(request, path=f"{path}?{told}"))
    for place, wrong, body in _within(request.body):
        yield Misspelt(place, wrong, replace(request, body=body))


def _within(node: Any, place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Place, misspelt name, and ``node`` with that one misspelling."""
    if isinstance(node, dict):
        for name in node:
            wrong = f"{name}x"
            yield f"{place}{name}", wrong, {wrong if each == name else each: node[each] for each in node}
            for inner, word, changed in _within(node[name], f"{place}{name}."):
                yield inner, word, {**node, name: changed}
    if isinstance(node, list):
        for number, each in enumerate(node):
            for inner, word, changed in _within(each, place):
                yield inner, word, [*node[:number], changed, *node[number + 1 :]]
    if isinstance(node, str):
        yield from _within_text(node, place)


def _within_text(text: str, place: str) -> Iterator[tuple[str, str, str]]:
    if text.startswith(("{", "[")):
        for inner, word, changed in _within(json.loads(text), place):
            yield inner, word, json.dumps(changed)
    if text.startswith("SELECT "):
        for found in re.finditer(r"\b[a-z_]+\.[a-z_.]+\b|(?<=FROM )[a-z_]+", text):
            yield f"{place}{found[0]}", f"{found[0]}x", f"{text[: found.end()]}x{text[found.end() :]}"


def repeat(http: urllib3.PoolManager, server: Dialogue, request: Received) -> None:
    headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Content-Length")}
    kind = headers.get("Content-Type", "").partition(";")[0]
    body = request.body
    if kind == FORMS[0]:
        body = urlencode([(name, value) for name, values in body.items() for value in values])
    elif kind == FORMS[1]:
        fields = [(name, value) for name, values in body.items() for value in values]
        files = [(name, ("file", value) if isinstance(value, bytes) else value) for name, value in fields]
        body, headers["Content-Type"] = urllib3.encode_multipart_formdata(files)
    elif kind == "application/json":
        body = json.dumps(body)
    http.request(request.method, server.url + request.path, body=body, headers=headers)


@pytest.mark.parametrize("name", VENDORS)
def test_every_misspelt_field_is_found_out(name):
    vendor = VENDORS[name]
    unfound = []
    with vendor.server() as server, urllib3.PoolManager(retries=False) as http:
        vendor.act(server.url, server.patience)
        MORE.get(name, lambda server: None)(server)
        assert server.problems == []
        tried = {each.key: each for request in tuple(server.received) for each in misspellings(request)}
        assert len(tried) > 3
        for each in tried.values():
            server.problems.clear()
            repeat(http, server, each.request)
            told = any(each.name in problem for problem in server.problems)
            if not told and not each.place.startswith(OURS.get(name, ())):
                unfound.append(each.key)
    assert unfound == []
