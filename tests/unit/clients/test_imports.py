"""A program that only calls services does not load what a service needs."""

import subprocess
import sys

SHOW = "import sys, shelfwise.clients; print(*sorted({'fastapi', 'starlette', 'uvicorn', 'shelfwise.app'} & set(sys.modules)))"


def test_importing_the_clients_loads_no_application_code() -> None:
    loaded = subprocess.run([sys.executable, "-c", SHOW], check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == []
