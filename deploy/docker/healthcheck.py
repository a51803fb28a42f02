"""Exits 0 when the service in this container answers with 200: `healthcheck.py [/livez|/readyz]`.

Runs every few seconds on the CPU that is serving, hence a bare socket: importing an HTTP client costs three times as much.
"""

import os
import socket
import sys

ANSWER_WITHIN_S = 2.0


def status_of(port: int, path: str) -> int:
    """The status code of `GET path` on the loopback address."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            status_line = answer.readline(128)
    return int(status_line.split()[1])


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else "/readyz"
    try:
        status = status_of(int(os.environ["SHELFWISE_PORT"]), path)
    except (OSError, ValueError, IndexError) as error:
        sys.exit(f"expected an HTTP answer from {path}, found {type(error).__name__}: {error}")
    sys.exit(0 if status == 200 else f"expected 200 from {path}, found {status}")
