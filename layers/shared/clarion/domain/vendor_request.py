"""A request of a vendor's to one of our webhooks, as those who check and read it need it."""

from collections.abc import Mapping
from typing import Protocol


class VendorRequest(Protocol):
    """``headers`` have lower-case names, ``query`` the last value of each name, ``body`` the raw octets; ``target`` is
    path and query as they were called."""

    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def target(self) -> str: ...
