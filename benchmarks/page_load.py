"""Readers of the dashboard: threads that ask for one page after the other over loopback, as fast as they get them."""

import argparse
import gzip
import http.client
import itertools
import json
import re
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')
PATIENCE_SECONDS = 30

Latencies = Mapping[str, Sequence[float]]
"""Seconds from when a request was sent on an open connection until its answer was read, by address."""


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, int, bytes]:
    """A page as a browser asks for it: its status, how many bytes came, and its text."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    content = answer.read()
    size = len(content) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    text = gzip.decompress(content) if answer.headers.get("content-encoding") == "gzip" else content
    return answer.status, size, text


def weigh(port: int, path: str) -> tuple[int, int] | None:
    """The bytes that are sent for a page alone, and with every file that comes with it; None if it leads elsewhere."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    status, size, text = get(connection, path)
    if 300 <= status < 400:
        return None
    if status != 200:
        raise RuntimeError(f"{path} answers with {status}")
    files = sorted(set(STATIC.findall(text.decode("utf-8", errors="replace"))))
    sizes = [get(connection, each)[1] for each in files]
    connection.close()
    return size, size + sum(sizes)


def visit(port: int, paths: Sequence[str], *, readers: int, seconds: float) -> Latencies:
    """Let several readers ask for all the addresses in turn, each beginning elsewhere, for some time."""
    found: dict[str, list[float]] = defaultdict(list)
    ends_at = time.perf_counter() + seconds

    def read(turns: Iterator[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        for path in turns:
            began = time.perf_counter()
            if began > ends_at:
                break
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            found[path].append(time.perf_counter() - began)
            if answer.status != 200:
                raise RuntimeError(f"{path} answers with {answer.status}")
        connection.close()

    threads = [
        threading.Thread(target=read, args=(itertools.islice(itertools.cycle(paths), first, None),))
        for first in (number * len(paths) // readers for number in range(readers))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main() -> None:
    """Visit what standard input names, and print what was found as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--readers", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("paths", nargs="+")
    asked = parser.parse_args()
    weights = {path: found for path in asked.paths if (found := weigh(asked.port, path))}
    alone = visit(asked.port, list(weights), readers=1, seconds=asked.seconds / 4)
    together = visit(asked.port, list(weights), readers=asked.readers, seconds=asked.seconds)
    rows = {
        path: {
            "page_bytes": weights[path][0],
            "whole_bytes": weights[path][1],
            "requests": len(together[path]),
            "alone_ms": 1000 * statistics.median(alone[path]),
            "median_ms": 1000 * statistics.median(together[path]),
            "p95_ms": 1000 * statistics.quantiles(together[path], n=20, method="inclusive")[-1],
        }
        for path in weights
    }
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
