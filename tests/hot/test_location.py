import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.hot import location


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://user@example.com:8080/a/b;c=1?d=e&f=%20%C3%A9&g=+#h",
        "https://[2001:db8::1]/x?",
        "https://example.com/~a/(b)/!$&'*,=:@/100%",
    ],
)
def test_a_clean_address_is_left_as_it_is(url: str) -> None:
    assert location.safe(url) == url


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.com/é ü?q=日本#ß", "https://example.com/%C3%A9%20%C3%BC?q=%E6%97%A5%E6%9C%AC#%C3%9F"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        (" https://example.com/a\n ", "https://example.com/a"),
        ("https://example.com/\r\nSet-Cookie: a=b", "https://example.com/Set-Cookie:%20a=b"),
        ('https://example.com/"<>\\^`{|}\x00', "https://example.com/%22%3C%3E%5C%5E%60%7B%7C%7D%00"),
    ],
)
def test_what_a_header_cannot_carry_is_encoded(url: str, safe: str) -> None:
    assert location.safe(url) == safe


@pytest.mark.parametrize(
    "url",
    ["", "/path", "//example.com", "javascript:alert(1)", "mailto:a@example.com", "https://", "https:///x", "ftp://a/",
     "https://[broken", "https://" + "ü" * 70 + "/", "https://example.com/\ud800"],
)  # fmt: skip
def test_anything_but_a_web_address_is_refused(url: str) -> None:
    assert location.safe(url) is None


@given(st.text(st.characters()) | st.text(st.characters()).map("https://example.com/{}".format))
def test_the_result_is_one_line_of_printable_ascii(url: str) -> None:
    safe = location.safe(url)
    assert safe is None or (safe.isascii() and safe.isprintable() and " " not in safe)
    assert safe is None or location.safe(safe) == safe
