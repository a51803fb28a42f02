"""Which ports the laptop launcher needs, and whether they are free."""

import socket

from shelfwise_pipeline.errors import PipelineError


class PortTaken(PipelineError):
    """Something else listens where a service should."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"port {port}, for the {name}, is taken. Stop what listens there (`lsof -i :{port}` names it), "
            f"or choose other ports: `shelfwise run --port {port + 1000}`."
        )


def require_free(ports: dict[str, int]) -> None:
    """Raises PortTaken for the first port of `ports` (by service) on which something listens."""
    for name, port in ports.items():
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise PortTaken(name, port) from None
