"""How many contacts a second are imported, exported and read for planning, against an emulator of its own.

    PYTHONPATH=layers/shared python bench/csv_import.py [rows]

Starts ministack on a free loopback port with nothing kept, and stops it at the end. The emulator's own speed bounds
the figures: it does about 34 transactions of 100 actions a second. The last line is JSON.
"""

import csv
import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ORG, TABLE, BUCKET = "01J00000000000000000000ACM", "clarion-bench", "clarion-bench"
FIRST, SECOND, EXPORT = (f"01J000000000000000000000{n}" for n in ("A1", "A2", "A3"))


def main(rows: int) -> None:
    with emulator():
        import boto3

        client = boto3.client("dynamodb")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        )
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        for name in ("import", "export"):
            url = boto3.client("sqs").create_queue(QueueName=f"bench-{name}")["QueueUrl"]
            os.environ[f"{name.upper()}_QUEUE_URL"] = url

        from clarion import wiring
        from clarion.domain.csv_columns import ImportSettings
        from clarion.keys import CONTACT_SHARDS

        types: dict[str, Any] = {"recency": "number", "history": "number", "newbie": "boolean"}
        body = contacts(rows)
        found: dict[str, Any] = {"rows": rows, "megabytes": round(len(body) / 1e6, 1)}
        for name, import_id in (("created", FIRST), ("unchanged", SECOND)):
            _, link = wiring.imports().start(ORG, import_id, "bench", ImportSettings(types=types))
            upload(link, body)
            wiring.imports().run(ORG, import_id)
            seconds = timed(lambda import_id=import_id: wiring.import_run().run(ORG, import_id, lambda: 10**9))  # type: ignore[misc]
            counts = wiring.imports().get(ORG, import_id).counts
            assert getattr(counts, name) == rows, counts  # noqa: S101
            found[f"{name}_per_second"] = round(rows / seconds)

        def plan() -> None:
            for shard in range(CONTACT_SHARDS):
                after = None
                while True:
                    _, after = wiring.contact_documents().page_of_shard(ORG, shard, after, 1000)
                    if after is None:
                        break

        found["planned_per_second"] = round(rows / timed(plan))
        wiring.exports().start(ORG, EXPORT, "bench")
        found["exported_per_second"] = round(rows / timed(lambda: wiring.export_run().run(ORG, EXPORT, lambda: 10**9)))
        found["peak_megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    for figure, value in found.items():
        print(f"{figure:24}{value:>10}")
    print(json.dumps(found))


def contacts(rows: int) -> bytes:
    """A CSV as wide as the Hillstrom file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["email", "first_name", "recency", "history_segment", "history", "zip_code", "newbie", "channel"])
    for n in range(rows):
        segment = "2) $100 - $200"
        writer.writerow(
            [f"customer{n}@example.com", f"C{n}", n % 12 + 1, segment, f"{n % 500}.44", "Urban", n % 2, "Web"]
        )
    return text.getvalue().encode()


def upload(link: str, body: bytes) -> None:
    """PUT as a browser would, without any header of ours."""
    request = urllib.request.Request(link, data=body, method="PUT")  # noqa: S310 - the emulator's own link
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        answer.read()


def timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@contextmanager
def emulator() -> Iterator[None]:
    """ministack on a free port, with the environment pointing to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TABLE_NAME": TABLE,
        "BUCKET_NAME": BUCKET,
    }
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0"}
        environment |= {"SFTP_ENABLED": "0", "TMPDIR": folder}
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            answers(f"http://127.0.0.1:{port}/_ministack/health")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def answers(url: str) -> None:
    """Wait until the emulator does."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"the emulator does not answer at {url}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 32_000)
