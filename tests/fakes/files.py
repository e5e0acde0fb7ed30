"""A bucket in memory: what services ask of ``clarion.storage.files.Files``."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from clarion.domain.stored_file import FileReplaced, StoredFile


class FilesInMemory:
    """``objects`` maps keys to bodies, ``uploads`` ids to the parts of unfinished multipart uploads."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}

    def info(self, key: str) -> StoredFile | None:
        body = self.objects.get(key)
        return StoredFile(len(body), _etag(body)) if body is not None else None

    def read(self, key: str) -> bytes:
        return self.objects[key]

    def open(self, key: str, file: StoredFile, start: int = 0) -> BinaryIO:
        if self.info(key) != file:
            raise FileReplaced
        return io.BytesIO(self.objects[key][start:])

    def write(self, key: str, body: bytes) -> None:
        self.objects[key] = body

    def write_all(self, key: str, pieces: Iterable[bytes]) -> None:
        self.objects[key] = b"".join(pieces)

    def begin(self, key: str) -> str:
        upload = f"{key}#{len(self.uploads) + 1}"
        self.uploads[upload] = {}
        return upload

    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        self.uploads[upload][number] = body
        return _etag(body)

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        parts = self.uploads[upload]
        bodies = [parts[number] for number in range(1, len(etags) + 1)]
        assert [_etag(body) for body in bodies] == list(etags)
        self.objects[key] = b"".join(bodies)

    def upload_link(self, key: str) -> str:
        return f"https://bucket.example/{key}?put"

    def download_link(self, key: str, filename: str) -> str:
        return f"https://bucket.example/{key}?as={filename}"


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
