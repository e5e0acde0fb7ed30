"""What the hot path costs beside botocore and boto3: a cold start to the first PutItem, a warm PutItem, a signed token.

All three write the same event to one loopback server that answers like DynamoDB; ratios are to botocore in one run.
Run: ``python bench/hot_path.py`` (about 20 seconds). The last line is JSON.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

LAYER = Path(__file__).resolve().parents[1] / "layers/shared"
WAYS = ("botocore", "boto3", "hot")
COLD_STARTS = 7
WARM_ROUNDS = 5
WARM_CALLS = 200
TOKENS = 20_000

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}"

# One program for cold and warm: its first line of output is the cold start, the others are warm rounds (CPU seconds).
_PROGRAM = """
import sys, time
way, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
wall, cpu = time.perf_counter(), time.process_time()
texts = {"pk": "ORG#01J8Z3K9X4M5N6P7Q8R9S0T1VA#CONTACT#01JAZ3K9X4M5N6P7Q8R9S0T1VE",
         "sk": "EVENT#2026-11-21T09:00:00.000Z#01JAZ3K9X4M5N6P7Q8R9S0T1VF", "kind": "open", "source": "pixel",
         "msg": "MSG#01J9Z3K9X4M5N6P7Q8R9S0T1VC#0001#1#email", "at": "2026-11-21T09:00:00.000Z", "method": "GET",
         "ua": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "ip": "192.0.2.7"}
if way == "hot":
    from clarion.hot import wiring
    table = wiring.table()
    put = lambda: table.put({**texts, "expires_at": 1800000000})
else:
    item = {name: {"S": text} for name, text in texts.items()} | {"expires_at": {"N": "1800000000"}}
    if way == "boto3":
        import boto3
        client = boto3.client("dynamodb")
    else:
        import botocore.session
        client = botocore.session.get_session().create_client("dynamodb")
    put = lambda: client.put_item(TableName="t", Item=item)
put()
print(time.perf_counter() - wall, time.process_time() - cpu)
for _ in range(rounds):
    cpu = time.process_time()
    for _ in range(calls):
        put()
    print((time.process_time() - cpu) / calls)
"""


def main() -> None:
    """Measure and print."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_serve, args=(server,), daemon=True).start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        cold: dict[str, list[float]] = {way: [] for way in WAYS}
        warm: dict[str, list[float]] = {way: [] for way in WAYS}
        for start in range(COLD_STARTS):
            for way in WAYS:  # in turn, so that whatever else the machine does meets all alike
                rounds = WARM_ROUNDS if start == 0 else 0
                first, *others = _run(way, rounds, address)
                cold[way].append(float(first.split()[0]))
                warm[way] += map(float, others)
    result: dict[str, object] = {"python": sys.version.split()[0], "machine": f"{os.cpu_count()} cores"}
    for name, seconds in (("cold start to PutItem", cold), ("warm PutItem, CPU", warm)):
        reference = statistics.median(seconds["botocore"])
        for way in WAYS:
            middle = statistics.median(seconds[way])
            print(f"{name:24}{way:10}{middle * 1000:9.3f} ms   x{middle / reference:.2f}")
            result[f"{name}, {way}"] = {"ms": round(middle * 1000, 3), "ratio": round(middle / reference, 3)}
    rate = _tokens_a_second()
    print(f"{'signed URLs':24}{'hot':10}{rate:9,.0f} a second")
    result["signed URLs a second"] = round(rate)
    print(json.dumps(result))


def _run(way: str, rounds: int, address: str) -> list[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(LAYER),
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "TABLE_NAME": "t",
    }
    command = [sys.executable, "-c", _PROGRAM, way, str(rounds), str(WARM_CALLS)]
    done = subprocess.run(  # noqa: S603  # our own program
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()


def _tokens_a_second() -> float:
    sys.path.insert(0, str(LAYER))
    from clarion.hot.token import Signer
    from clarion.hot.urls import TrackingUrls

    ulid = "01J8Z3K9X4M5N6P7Q8R9S0T1VA"
    urls = TrackingUrls(Signer.of("s" * 32), "https://t.example.com", ulid, ulid, 1, "1")
    started = time.perf_counter()
    for _ in range(TOKENS):
        urls.click(ulid, 3)
    return TOKENS / (time.perf_counter() - started)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:  # the benchmark is over
            return
        Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as stream:
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            stream.read(length)
            connection.sendall(_ANSWER)


if __name__ == "__main__":
    main()
