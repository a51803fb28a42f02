"""Which ports the laptop launcher needs, and whether they are free."""

from shelfwise.ports import why_not_free
from shelfwise_pipeline.errors import PipelineError

HIGHEST = 65_535


class NoSuchPort(PipelineError):
    """A port that there is not."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"expected ports up to {HIGHEST}, found {port} for the {name}; choose lower ones: `shelfwise run --port 8000`."
        )


class PortTaken(PipelineError):
    """Something else listens where a service should."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"port {port}, for the {name}, is taken. Stop what listens there (`lsof -i :{port}` names it), "
            f"or choose other ports: `shelfwise run --port {port + 1000 if port < HIGHEST - 2000 else 8000}`."
        )


def require_free(ports: dict[str, int]) -> None:
    """Raises PortTaken for the first port of `ports` (by service) on which something listens; NoSuchPort for one too high."""
    for name, port in ports.items():
        if port > HIGHEST:
            raise NoSuchPort(name, port)
        if why_not_free("127.0.0.1", port):
            raise PortTaken(name, port)
