"""Which names are looked up, and whose they are."""

import pytest

from clarion.domain.domain_names import organisational_domain, public_name, registered_domain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.COM", "example.com"),
        (" mail.example.co.uk. ", "mail.example.co.uk"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("me.github.io", "me.github.io"),
    ],
)
def test_a_registered_domain_is_taken_in_its_ascii_form(text: str, name: str) -> None:
    assert registered_domain(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *(
            "localhost",
            "com",
            "co.uk",
            "host.local",
            "db.internal",
            "x.test",
            "x.invalid",
            "1.2.3.4",
            "169.254.169.254",
        ),
        *("[::1]", "example.com:53", "http://example.com", "a b.com", "-a.com", "a-.com", "a..com", "", ".", "x.onion"),
        *(
            "1.0.0.127.in-addr.arpa",
            "x.home.arpa",
            "_dmarc.example.com",
            f"{'a' * 64}.com",
            f"{'a.' * 130}com",
            "\ud800.com",
        ),
    ],
)
def test_what_nobody_sends_from_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"domain|suffix"):
        registered_domain(text)


def test_names_with_underscores_may_be_looked_up() -> None:
    assert public_name("_spf.Google.com") == "_spf.google.com"


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("mail.example.com", "example.com"),
        ("example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("x.me.github.io", "me.github.io"),
    ],
)
def test_the_organisational_domain_is_one_label_below_the_public_suffix(name: str, whose: str) -> None:
    assert organisational_domain(name) == whose
