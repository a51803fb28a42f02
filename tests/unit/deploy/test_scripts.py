"""What the scripts of deploy/ecs ask of `aws` and `docker`."""

import json
from pathlib import Path

import pytest

from tests.unit.deploy.commands import Commands, after


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


def command_run_by(commands: Commands) -> list[str]:
    """What the builder's one task was told to do in place of its own command."""
    [words] = commands.calls("aws", "ecs", "run-task")
    [override] = json.loads(after("--overrides", words))["containerOverrides"]
    assert override["name"] == "builder"
    command: list[str] = override["command"]
    return command


def test_a_build_runs_the_tasks_own_command(commands: Commands) -> None:
    done = commands.run("build.sh", "Demo=small")
    assert done.returncode == 0, done.stderr
    [deployed] = commands.calls("aws", "cloudformation", "deploy")
    assert {"Platform=shelfwise", "ImageTag=c0ffee", "Demo=small"} <= set(deployed)
    [words] = commands.calls("aws", "ecs", "run-task")
    assert "--overrides" not in words
    assert after("--network-configuration", words) == (
        "awsvpcConfiguration={subnets=[the-SubnetIds],securityGroups=[the-TasksSecurityGroup],assignPublicIp=the-AssignPublicIp}"
    )
    [asked] = commands.calls("aws", "logs", "get-log-events")
    assert after("--log-stream-name", asked) == "builder/builder/0a1b"
    assert "what the task said" in done.stdout


def test_a_task_that_fails_is_a_failure_and_says_why(commands: Commands) -> None:
    commands.told = [("exitCode", 0, "1"), ("stoppedReason", 0, "Essential container in task exited")]
    done = commands.run("build.sh")
    assert done.returncode == 1
    assert "found 1: Essential container in task exited" in done.stderr


def test_an_import_brings_files_and_map_along(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "2023").mkdir()
    for name in ("sales.csv", "2023/sales.csv", "events.yaml"):
        (tmp_path / name).write_text("")
    given = (
        "sales.csv",
        "2023/sales.csv",
        "--map",
        "events.yaml",
        "--set",
        'value={constant: "1\\2"}',
        "s3://the-Bucket/imports/x.csv",
    )
    done = commands.run("import.sh", "events", *given)
    assert done.returncode == 0, done.stderr
    copied = {words[-2]: words[-1] for words in commands.calls("aws", "s3", "cp")}
    assert set(copied) == {"sales.csv", "2023/sales.csv", "events.yaml"}
    assert len(set(copied.values())) == 3
    assert all(address.startswith("s3://the-Bucket/imports/") for address in copied.values())
    assert all(address.endswith("/" + Path(name).name) for name, address in copied.items())
    assert command_run_by(commands) == ["shelfwise", "import", "events", *(copied.get(word, word) for word in given)]
    assert not commands.calls("aws", "cloudformation", "deploy"), "there is a builder, and an import is no release"


def test_the_first_import_makes_the_builder(commands: Commands) -> None:
    commands.told = [("--stack-name shelfwise-builder .*OutputKey=='Task'", 254, "")]
    commands.run("import.sh", "products", "s3://elsewhere/catalog.csv")
    [deployed] = commands.calls("aws", "cloudformation", "deploy")
    assert after("--stack-name", deployed) == "shelfwise-builder"


def test_any_command_of_shelfwise_can_be_run(commands: Commands) -> None:
    assert commands.run("shelfwise.sh", "publish", "20261124-192653").returncode == 0
    assert command_run_by(commands) == ["shelfwise", "publish", "20261124-192653"]
