"""Files in the bucket: uploads, downloads and large objects written piece by piece."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from clarion.domain.stored_file import FileReplaced, StoredFile

LINK_SECONDS = 3600
_READ = 4 * 1024 * 1024  # bytes per ranged GET
_PART = 8 * 1024 * 1024  # a part that is not the last has at least 5 MB (S3 quota page)
_ABSENT = {"404", "403", "NoSuchKey", "NotFound"}  # 403: S3 hides absence from who may not list the bucket


class Files:
    """``client`` is a botocore S3 client that signs with version 4."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def info(self, key: str) -> StoredFile | None:
        """None when there is no such object."""
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return StoredFile(head["ContentLength"], head["ETag"])

    def read(self, key: str) -> bytes:
        """A whole object, for small ones."""
        body: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body

    def open(self, key: str, file: StoredFile, start: int = 0) -> BinaryIO:
        """The object from byte ``start`` on, read in ranges. Reading raises FileReplaced when it is another one now."""
        return io.BufferedReader(_Ranges(self._client, self._bucket, key, file, start), 64 * 1024)

    def write(self, key: str, body: bytes, content_type: str = "text/csv; charset=utf-8") -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def write_all(self, key: str, pieces: Iterable[bytes]) -> None:
        """One object out of many pieces, however large it gets."""
        upload, waiting = "", bytearray()
        parts: list[str] = []
        for piece in pieces:
            waiting += piece
            if len(waiting) >= _PART:
                upload = upload or self.begin(key)
                parts.append(self.add_part(key, upload, len(parts) + 1, bytes(waiting)))
                waiting.clear()
        if not upload:
            self.write(key, bytes(waiting))
            return
        if waiting:
            parts.append(self.add_part(key, upload, len(parts) + 1, bytes(waiting)))
        self.complete(key, upload, parts)

    def begin(self, key: str, content_type: str = "text/csv; charset=utf-8") -> str:
        """The id of a new multipart upload."""
        answer = self._client.create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
        return str(answer["UploadId"])

    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        """The part's etag; a part written again replaces itself."""
        answer = self._client.upload_part(Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
        return str(answer["ETag"])

    def complete(self, key: str, upload: str, etags: Sequence[str]) -> None:
        """Make the object of its parts; completing it twice is no error."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
        try:
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchUpload" or self.info(key) is None:
                raise

    def upload_link(self, key: str) -> str:
        """A URL that takes the object by PUT for an hour."""
        return self._link("put_object", {"Key": key})

    def download_link(self, key: str, filename: str) -> str:
        """A URL that gives the object for an hour, to be saved as ``filename``."""
        disposition = f'attachment; filename="{filename}"'
        return self._link("get_object", {"Key": key, "ResponseContentDisposition": disposition})

    def _link(self, operation: str, parameters: dict[str, str]) -> str:
        return str(
            self._client.generate_presigned_url(
                operation, Params={"Bucket": self._bucket, **parameters}, ExpiresIn=LINK_SECONDS
            )
        )


class _Ranges(io.RawIOBase):
    """An S3 object as a stream of ranged GETs: none stays open while the rows before it are being stored."""

    def __init__(self, client: Any, bucket: str, key: str, file: StoredFile, start: int) -> None:
        self._client, self._object, self._file = client, {"Bucket": bucket, "Key": key}, file
        self._next, self._held = start, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held and self._next < self._file.size:
            self._held = memoryview(self._fetch())
        taken = self._held[: len(buffer)]
        self._held = self._held[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _fetch(self) -> bytes:
        last = min(self._next + _READ, self._file.size) - 1
        try:
            answer = self._client.get_object(
                **self._object, Range=f"bytes={self._next}-{last}", IfMatch=self._file.etag
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in {"PreconditionFailed", "412", "InvalidRange", *_ABSENT}:
                raise FileReplaced from None
            raise
        body: bytes = answer["Body"].read()
        self._next += len(body)
        return body
