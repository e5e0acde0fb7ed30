"""Addresses that people are led to: of the web, with a host, without credentials."""

import pytest
from pydantic import TypeAdapter, ValidationError

from clarion.domain.web_address import LONGEST, WebAddress, https_address

addresses: TypeAdapter[str] = TypeAdapter(WebAddress)


@pytest.mark.parametrize(
    "url", ["https://shop.example/sale?a=1#top", "http://xn--bcher-kva.example", "https://a.b:8443/"]
)
def test_an_address_of_the_web_is_taken_as_it_is(url: str) -> None:
    assert addresses.validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "shop.example",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "https://",
        "https://bücher.example/",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://user:secret@shop.example/",
        "https://shop.example:99999/",
        "https://[::1",
        "https://shop.example/" + "a" * LONGEST,
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        addresses.validate_python(url)


def test_vendors_fetch_over_https_alone() -> None:
    assert https_address("https://shop.example/a.png") == "https://shop.example/a.png"
    with pytest.raises(ValueError, match="https"):
        https_address("http://shop.example/a.png")
