"""Whether a service can listen on a port."""

import socket


def why_not_free(host: str, port: int) -> str | None:
    """What the system says against listening on `host`:`port`; None when nothing does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
