"""Readers of the dashboard: threads that request one page after the other over loopback without pauses."""

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
"""Seconds from sending a request on an open connection to reading the whole response, by address."""


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, int, bytes]:
    """Request a page like a browser; return its status, the number of bytes received, and its text."""
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    content = answer.read()
    size = len(content) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    text = gzip.decompress(content) if answer.headers.get("content-encoding") == "gzip" else content
    return answer.status, size, text


def weigh(port: int, path: str) -> tuple[int, int] | None:
    """Return the bytes of a page alone, and with all files that it loads; None for a redirect."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    status, size, text = get(connection, path)
    if 300 <= status < 400:
        return None
    if status != 200:
        raise RuntimeError(f"{path} responded with status {status}.")
    files = sorted(set(STATIC.findall(text.decode("utf-8", errors="replace"))))
    sizes = [get(connection, each)[1] for each in files]
    connection.close()
    return size, size + sum(sizes)


def visit(port: int, paths: Sequence[str], *, readers: int, seconds: float) -> Latencies:
    """Return the latencies of several readers that request all addresses in turn for some time."""
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
    """Visit the pages named on the command line, and print the results as JSON."""
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
            "p99_ms": 1000 * statistics.quantiles(together[path], n=100, method="inclusive")[-1],
        }
        for path in weights
    }
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
