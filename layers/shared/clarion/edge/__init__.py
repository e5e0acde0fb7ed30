"""How Lambda meets Clarion."""

from clarion.domain.access import PUBLIC, SIGNED_IN
from clarion.edge.caller import Caller
from clarion.edge.inbound import InboundRequest
from clarion.edge.page import Page, PageQuery, cursor_of
from clarion.edge.route import Download, HtmlPage, PlainText, route

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "Caller",
    "Download",
    "HtmlPage",
    "InboundRequest",
    "Page",
    "PageQuery",
    "PlainText",
    "cursor_of",
    "route",
]
