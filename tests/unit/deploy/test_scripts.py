"""What the scripts of deploy/ecs ask of `aws` and `docker`."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.deploy.commands import Commands, after
from tests.unit.deploy.reading import ECS, SERVICES, of_type, template


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


def test_a_task_that_fails_fails_the_script_with_the_reason(commands: Commands) -> None:
    commands.told = [("exitCode", 0, "1"), ("stoppedReason", 0, "Essential container in task exited")]
    done = commands.run("build.sh")
    assert done.returncode == 1
    assert "found 1: Essential container in task exited" in done.stderr


def test_a_task_that_does_not_start_fails_the_script_with_the_reason(commands: Commands) -> None:
    commands.told = [("run-task", 0, "None\tRESOURCE:ENI")]
    done = commands.run("build.sh")
    assert done.returncode == 1
    assert "expected the builder to start, found: RESOURCE:ENI" in done.stderr


def test_a_missing_image_is_reported_with_the_containers_reason(commands: Commands) -> None:
    commands.told = [
        ("exitCode", 0, "None"),
        ("stoppedReason", 0, "Task failed to start"),
        ("containers.0..reason", 0, "CannotPullContainerError"),
    ]
    done = commands.run("build.sh")
    assert "found None: Task failed to start; CannotPullContainerError" in done.stderr


def test_a_status_request_that_fails_is_repeated(commands: Commands) -> None:
    # The task's status is requested three times in vain, as while the network is down.
    flaky = 'if [ "$(ls asked 2>/dev/null | wc -l)" -lt 3 ]; then mkdir -p asked; mktemp asked/XXXX >&2; exit 255; fi'
    program = (commands.folder / "aws").read_text()
    (commands.folder / "aws.py").write_text(program)
    (commands.folder / "aws").write_text(
        f'#!/bin/bash\ncase "$*" in *lastStatus*) {flaky};; esac\nexec {sys.executable} {commands.folder / "aws.py"} "$@"\n'
    )
    done = commands.run("build.sh")
    assert done.returncode == 0, done.stderr
    assert len(commands.calls("sleep")) == 3


def test_a_task_of_unknown_status_is_reported_as_maybe_still_running(commands: Commands) -> None:
    commands.told = [("lastStatus", 255, "")]
    done = commands.run("build.sh")
    assert done.returncode == 1
    assert "found none; the task may still be running: arn:aws:ecs:eu:1:task/cluster/0a1b" in done.stderr


def test_an_import_uploads_its_files_and_map(commands: Commands, tmp_path: Path) -> None:
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


def test_the_first_import_deploys_the_builder(commands: Commands) -> None:
    commands.told = [("--stack-name shelfwise-builder .*OutputKey=='Task'", 254, "")]
    commands.run("import.sh", "products", "s3://elsewhere/catalog.csv")
    [deployed] = commands.calls("aws", "cloudformation", "deploy")
    assert after("--stack-name", deployed) == "shelfwise-builder"


def test_any_command_of_shelfwise_can_be_run(commands: Commands) -> None:
    assert commands.run("shelfwise.sh", "publish", "20261124-192653").returncode == 0
    assert command_run_by(commands) == ["shelfwise", "publish", "20261124-192653"]


def pushed(commands: Commands) -> set[str]:
    return {words[-1].rpartition("/")[2] for words in commands.calls("docker", "push")}


def test_five_images_are_pushed_with_the_commit_as_their_tag(commands: Commands) -> None:
    done = commands.run("push.sh")
    assert done.returncode == 0, done.stderr
    assert pushed(commands) == {f"{image}:c0ffee" for image in ("builder", *SERVICES)}


def test_uncommitted_changes_are_not_pushed_under_the_commits_tag(commands: Commands, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(ECS, checkout / "deploy" / "ecs")
    git = ["git", "-C", str(checkout), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *words], check=True)
    scripts = checkout / "deploy" / "ecs"
    assert commands.run("push.sh", scripts=scripts, TAG="").returncode == 0
    commit = subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert {name.partition(":")[2] for name in pushed(commands)} == {commit}
    (checkout / "new.py").write_text("")
    refused = commands.run("push.sh", scripts=scripts, TAG="")
    assert refused.returncode == 1
    assert "?? new.py" in refused.stderr
    assert commands.run("push.sh", scripts=scripts, TAG="trial").returncode == 0


def test_an_interrupted_push_continues_with_the_missing_images(commands: Commands) -> None:
    commands.told = [("ecr describe-images .*shelfwise/(builder|embedder) .*imageTag=c0ffee$", 0, "{}")]
    done = commands.run("push.sh")
    assert done.returncode == 0, done.stderr
    assert pushed(commands) == {"retriever:c0ffee", "ranker:c0ffee", "gateway:c0ffee"}
    assert len(commands.calls("docker", "build")) == 3


def test_a_builder_with_extras_has_an_image_of_its_own_which_is_run(commands: Commands) -> None:
    # Everything of this commit was pushed before, without extras.
    commands.told = [("ecr describe-images .* --image-ids imageTag=c0ffee$", 0, "{}")]
    assert commands.run("push.sh", PIPELINE_EXTRAS="[tuning]").returncode == 0
    assert pushed(commands) == {"builder:c0ffee-tuning"}
    [built] = commands.calls("docker", "build")
    assert "PIPELINE_EXTRAS=[tuning]" in built
    assert commands.run("build.sh", "TuneEncoder=true", PIPELINE_EXTRAS="[tuning]").returncode == 0
    [deployed] = commands.calls("aws", "cloudformation", "deploy")
    assert "ImageTag=c0ffee-tuning" in deployed


def test_scenarios_are_a_layer_on_the_gateway_image_with_its_own_tag(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    scenarios = tmp_path / "shop" / "ours.yaml"
    tags = set()
    for content in ("search: {question: text}", "search: {question: text, top_k: 5}"):
        scenarios.write_text(content)
        for script, arguments in (("push.sh", ()), ("services.sh", ("subnet-1,subnet-2",))):
            done = commands.run(script, *arguments, SCENARIOS="shop/ours.yaml")
            assert done.returncode == 0, done.stderr
        [layer] = [words for words in commands.calls("docker", "build") if "FILE=ours.yaml" in words][-1:]
        assert layer[-1] == str(scenarios.parent)
        assert "GATEWAY=1.dkr.ecr.eu.amazonaws.com/shelfwise/gateway:c0ffee" in layer
        image, _, tag = after("--tag", layer).rpartition(":")
        assert image.endswith("/gateway")
        assert f"{image}:{tag}" == commands.calls("docker", "push")[-1][-1]
        deployed = commands.calls("aws", "cloudformation", "deploy")[-1]
        assert {"ImageTag=c0ffee", f"GatewayTag={tag}"} <= set(deployed)
        tags.add(tag)
    assert len(tags) == 2
    assert "c0ffee" not in tags


def test_synonyms_are_a_layer_on_the_gateway_image_and_its_scenarios(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("search: {question: text}")
    (tmp_path / "words.yaml").write_text("- [merlot, wine]")
    tags = []
    for scenarios in ("", "ours.yaml"):
        for script, arguments in (("push.sh", ()), ("services.sh", ("subnet-1,subnet-2",))):
            done = commands.run(script, *arguments, SYNONYMS="words.yaml", SCENARIOS=scenarios)
            assert done.returncode == 0, done.stderr
        below, layer = commands.calls("docker", "build")[-2:]
        assert {"FILE=words.yaml", f"GATEWAY={after('--tag', below)}"} <= set(layer)
        assert after("--file", layer) == "deploy/docker/synonyms.Dockerfile"
        tags.append(after("--tag", layer).rpartition(":")[2])
        assert f"GatewayTag={tags[-1]}" in commands.calls("aws", "cloudformation", "deploy")[-1]
        assert tags[-1].startswith(f"{after('--tag', below).rpartition(':')[2]}-")
    assert len(set(tags)) == 2


def test_without_scenarios_the_gateway_has_the_tag_of_the_commit(commands: Commands) -> None:
    assert commands.run("services.sh", "subnet-1,subnet-2").returncode == 0
    [deployed] = commands.calls("aws", "cloudformation", "deploy")
    assert {"ImageTag=c0ffee", "GatewayTag=c0ffee"} <= set(deployed)


def test_a_restored_database_takes_the_name_of_the_one_before(commands: Commands) -> None:
    """The secret's ARN is imported by other stacks, and CloudFormation changes no value that is imported."""
    section = (ECS / "README.md").read_text("utf-8").split("## Backup and restore")[1]
    (commands.folder / "restore.sh").write_text(section.split("```sh\n")[1].split("```")[0], "utf-8")
    done = commands.run("restore.sh", scripts=commands.folder)
    assert done.returncode == 0, done.stderr
    [restored] = commands.calls("aws", "rds", "restore-db-instance-to-point-in-time")
    new, before = after("--target-db-instance-identifier", restored), after("--source-db-instance-identifier", restored)
    renamed = commands.calls("aws", "rds", "modify-db-instance")
    from_to = ("--db-instance-identifier", "--new-db-instance-identifier")
    names = [tuple(after(option, words) for option in from_to) for words in renamed]
    assert before == "the-Database"
    assert names == [(before, f"{before}-before"), (new, before)]
    assert not commands.calls("aws", "cloudformation", "deploy")


def test_a_restored_database_keeps_privacy_storage_limit_logs_and_tags(commands: Commands) -> None:
    """CloudFormation does not set them again: to it nothing has changed."""
    section = (ECS / "README.md").read_text("utf-8").split("## Backup and restore")[1]
    (commands.folder / "restore.sh").write_text(section.split("```sh\n")[1].split("```")[0], "utf-8")
    assert commands.run("restore.sh", scripts=commands.folder).returncode == 0
    [restored] = commands.calls("aws", "rds", "restore-db-instance-to-point-in-time")
    [wanted] = of_type(template("database.yaml"), "AWS::RDS::DBInstance")
    assert wanted["PubliclyAccessible"] is False
    assert "--no-publicly-accessible" in restored
    assert int(after("--max-allocated-storage", restored)) == wanted["MaxAllocatedStorage"]
    assert [after("--enable-cloudwatch-logs-exports", restored)] == wanted["EnableCloudwatchLogsExports"]
    assert wanted["CopyTagsToSnapshot"] is True
    assert "--copy-tags-to-snapshot" in restored
