"""Whether a service can listen on a port."""

import socket


def why_not_free(host: str, port: int) -> str | None:
    """Why the system refuses to listen on `host`:`port`; None if it does not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
