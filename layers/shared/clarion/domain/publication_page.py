"""Where people see what was published, as far as a vendor's name for it tells."""

import re
from urllib.parse import quote

from clarion.domain.publication import Publication, PublicationState

_NUMBER = re.compile(r"\d+")


def page_of(publication: Publication) -> str | None:
    """The address of a post, or of an ad campaign in the vendor's own pages; None where it cannot be told.

    Instagram's names lead nowhere, and Google's pages ask which manager's account they are seen from.
    """
    if publication.state != PublicationState.LIVE:
        return None
    vendor_id = quote(publication.vendor_id, safe=":_")
    match publication.outlet.platform:
        case "facebook" if _NUMBER.fullmatch(vendor_id):
            return f"https://www.facebook.com/watch/?v={vendor_id}"
        case "facebook":
            return f"https://www.facebook.com/{vendor_id}"
        case "linkedin":
            return f"https://www.linkedin.com/feed/update/{vendor_id}/"
        case "x":
            return f"https://x.com/i/web/status/{vendor_id}"
        case "meta-ads":
            account = quote(publication.outlet.profile.removeprefix("act_"), safe="")
            pages = "https://adsmanager.facebook.com/adsmanager/manage/campaigns"
            return f"{pages}?act={account}&selected_campaign_ids={vendor_id}"
    return None
