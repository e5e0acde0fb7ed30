"""Where people see what was published."""

import pytest

from clarion.domain.outlet import Outlet
from clarion.domain.publication_page import page_of
from tests.fakes.publications import MADE_AT, publication


@pytest.mark.parametrize(
    ("platform", "vendor_id", "page"),
    [
        ("facebook", "1234_5678", "https://www.facebook.com/1234_5678"),
        ("facebook", "990077", "https://www.facebook.com/watch/?v=990077"),
        ("instagram", "17900000000000000", None),
        ("linkedin", "urn:li:share:7000", "https://www.linkedin.com/feed/update/urn:li:share:7000/"),
        ("x", "1770000000000000000", "https://x.com/i/web/status/1770000000000000000"),
        ("x", "../evil?a=1", "https://x.com/i/web/status/..%2Fevil%3Fa%3D1"),
        ("google-ads", "55", None),
        ("console", "console-1", None),
    ],
)
def test_a_vendors_name_leads_to_its_page_where_it_can(platform: str, vendor_id: str, page: str | None) -> None:
    begun = publication(Outlet(platform=platform, profile="1234"))
    assert page_of(begun.live(vendor_id, MADE_AT)) == page


def test_what_is_not_out_has_no_page() -> None:
    live = publication().begun().live("1234_5678", MADE_AT)
    assert page_of(publication()) is None
    assert page_of(live.not_found(MADE_AT).not_found(MADE_AT)) is None
