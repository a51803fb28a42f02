"""Who asks services need not be one."""

import subprocess
import sys

SHOW = "import sys, shelfwise.clients; print(*sorted({'fastapi', 'starlette', 'uvicorn', 'shelfwise.app'} & set(sys.modules)))"


def test_clients_load_no_application() -> None:
    loaded = subprocess.run([sys.executable, "-c", SHOW], check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == []
