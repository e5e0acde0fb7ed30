"""How Lambda meets Clarion."""

from clarion.domain.access import PUBLIC, SIGNED_IN
from clarion.edge.caller import Caller
from clarion.edge.page import Page, PageQuery, cursor_of
from clarion.edge.route import Download, HtmlPage, route

__all__ = ["PUBLIC", "SIGNED_IN", "Caller", "Download", "HtmlPage", "Page", "PageQuery", "cursor_of", "route"]
