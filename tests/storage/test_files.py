"""Files in the bucket, on moto."""

import urllib.parse
from typing import Any

import boto3
import pytest
from botocore.config import Config

from clarion.domain.stored_file import FileReplaced, StoredFile
from clarion.storage import files as storage
from clarion.storage.files import Files

BUCKET = "clarion-files"


@pytest.fixture
def s3(aws: None) -> Any:
    client = boto3.client("s3", region_name="eu-west-1", config=Config(signature_version="s3v4"))
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


@pytest.fixture
def files(s3: Any) -> Files:
    return Files(s3, BUCKET)


def known(files: Files, key: str) -> StoredFile:
    info = files.info(key)
    assert info is not None
    return info


def test_a_missing_file_has_no_info(files: Files) -> None:
    assert files.info("nothing") is None


@pytest.mark.parametrize("start", [0, 1, 9, 10, 11, 24, 25])
def test_a_file_is_read_in_ranges_from_any_byte(files: Files, start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_READ", 10)
    body = bytes(range(25))
    files.write("a", body)
    with files.open("a", known(files, "a"), start) as stream:
        assert stream.read() == body[start:]


def test_an_empty_file_reads_as_nothing(files: Files) -> None:
    files.write("a", b"")
    with files.open("a", known(files, "a")) as stream:
        assert stream.read() == b""


def test_a_file_that_is_replaced_or_removed_while_it_is_read_is_not_read_on(
    files: Files, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_READ", 100_000)
    for spoil in (lambda: files.write("a", b"y" * 300_000), lambda: s3.delete_object(Bucket=BUCKET, Key="a")):
        files.write("a", b"x" * 300_000)
        with files.open("a", known(files, "a")) as stream:
            assert stream.read(10) == b"x" * 10
            spoil()
            with pytest.raises(FileReplaced):
                stream.read()


@pytest.mark.parametrize("pieces", [[], [b"a"], [b"x" * 4_000_000] * 5, [b"x" * 9_000_000, b"end"], [b"x" * 8_388_608]])
def test_many_pieces_make_one_file(files: Files, pieces: list[bytes]) -> None:
    files.write_all("a", pieces)
    assert files.read("a") == b"".join(pieces)


def test_parts_are_written_again_and_completed_again_without_harm(files: Files) -> None:
    upload = files.begin("a")
    files.add_part("a", upload, 1, b"lost attempt" + b"x" * 5_242_880)
    etags = [files.add_part("a", upload, 1, b"y" * 5_242_880), files.add_part("a", upload, 2, b"end")]
    for _ in range(2):
        files.complete("a", upload, etags)
    assert files.read("a") == b"y" * 5_242_880 + b"end"


def test_links_name_the_file_and_hold_for_an_hour(files: Files) -> None:
    put = urllib.parse.urlsplit(files.upload_link("imports/acme/1/upload.csv"))
    get = urllib.parse.urlsplit(files.download_link("exports/acme/1.csv", "contacts.csv"))
    assert put.path.endswith("imports/acme/1/upload.csv")
    assert urllib.parse.parse_qs(get.query)["response-content-disposition"] == ['attachment; filename="contacts.csv"']
    for query in (put.query, get.query):
        assert urllib.parse.parse_qs(query)["X-Amz-Expires"] == ["3600"]
