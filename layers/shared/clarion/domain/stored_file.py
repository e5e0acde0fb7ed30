"""A file in the bucket, as its readers and writers speak of it."""

from typing import NamedTuple


class StoredFile(NamedTuple):
    """``size`` in bytes; ``etag`` changes whenever the file is written."""

    size: int
    etag: str


class FileReplaced(Exception):
    """The file is no longer the one whose etag was given."""
