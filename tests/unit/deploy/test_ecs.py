"""The CloudFormation templates are valid, fit together, and fit the services."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shelfwise_gateway.routes_products import BULK_DEADLINE_MS
from shelfwise_pipeline.cli.app import app
from tests.unit.deploy.reading import (
    ECS,
    ROOT,
    SERVICES,
    TEMPLATES,
    compose,
    container_for,
    container_of,
    of_type,
    service_of,
    settings_of,
    template,
    variables_of,
)

NESTED = {
    name: resource["Properties"]
    for name, resource in template("services.yaml")["Resources"].items()
    if resource["Type"] == "AWS::CloudFormation::Stack"
}
TASKS = ("service.yaml", "gateway.yaml", "builder.yaml")


def test_cfn_lint_finds_nothing() -> None:
    linted = subprocess.run([Path(sys.executable).with_name("cfn-lint"), *TEMPLATES], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_yaml_alias_because_cloudformation_knows_none(path: Path) -> None:
    assert not [event for event in yaml.parse(path.read_text()) if isinstance(event, yaml.AliasEvent)]


def test_every_imported_value_is_exported() -> None:
    exported = {
        output["Export"]["Name"]["Fn::Sub"].split("}-")[1]
        for name in ("platform.yaml", "database.yaml")
        for output in template(name)["Outputs"].values()
        if "Export" in output
    }
    imported = {
        name
        for path in TEMPLATES
        for name in re.findall(r'!ImportValue \{"Fn::Sub": "\$\{Platform\}-(\w+)"\}', path.read_text())
    }
    assert imported
    assert imported <= exported


@pytest.mark.parametrize("name", NESTED)
def test_a_nested_template_gets_its_required_parameters_and_no_unknown_ones(name: str) -> None:
    given = set(NESTED[name]["Parameters"])
    parameters: dict[str, Any] = template(NESTED[name]["TemplateURL"])["Parameters"]
    assert given <= set(parameters)
    assert {key for key, parameter in parameters.items() if "Default" not in parameter} <= given


def test_every_service_is_nested_with_its_own_port() -> None:
    inside = {p["Parameters"]["Service"]: p["Parameters"] for p in NESTED.values() if p["TemplateURL"] == "service.yaml"}
    assert set(inside) == set(SERVICES) - {"gateway"}
    for service, parameters in inside.items():
        assert int(parameters["Port"]) == settings_of(service).model_fields["port"].default


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_a_service_is_one_of_its_settings(service: str) -> None:
    container = container_for(service)
    assert {variable["Name"] for variable in container["Environment"]} <= variables_of(service)
    database = "DATABASE_URL" in {secret["Name"] for secret in container.get("Secrets", ())}
    assert database == ("DATABASE_URL" in variables_of(service)), (
        "the database is given to whoever reads it, and to no one else"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_services_have_the_same_urls_as_in_compose(service: str) -> None:
    given = {variable["Name"]: variable["Value"] for variable in container_for(service)["Environment"]}
    in_compose = compose()["services"][service].get("environment", {})
    addresses = {name: value for name, value in in_compose.items() if name.endswith("_URL") and name != "DATABASE_URL"}
    assert addresses == {name: value for name, value in given.items() if name.endswith("_URL")}


def test_api_keys_are_passed_as_a_secret() -> None:
    container = container_of("gateway.yaml")
    [secrets] = [branch for branch in container["Secrets"]["Fn::If"] if isinstance(branch, list)]
    assert {secret["Name"] for secret in secrets} <= variables_of("gateway")


def test_no_task_starts_before_its_secret_may_be_read() -> None:
    resources = template("gateway.yaml")["Resources"]
    [policy] = [name for name, resource in resources.items() if resource["Type"] == "AWS::IAM::RolePolicy"]
    [service] = [resource for resource in resources.values() if resource["Type"] == "AWS::ECS::Service"]
    assert service["Metadata"]["After"]["Fn::If"] == [resources[policy]["Condition"], {"Ref": policy}, {"Ref": "AWS::NoValue"}]


def test_the_builder_has_the_command_and_the_variables_of_compose() -> None:
    container, in_compose = container_of("builder.yaml"), compose()["services"]["builder"]
    assert container["Command"] == in_compose["command"]
    given = {variable["Name"] for variable in (*container["Environment"], *container["Secrets"])}
    assert given <= variables_of("builder")
    # The cache of compose has no counterpart: a task of Fargate keeps nothing. Its password is in the URL.
    assert given >= set(in_compose["environment"]) - {"SHELFWISE_VAR", "PGPASSWORD"}


def test_the_nightly_schedule_runs_build_without_options() -> None:
    [nightly] = of_type(template("builder.yaml"), "AWS::Scheduler::Schedule")
    [override] = json.loads(nightly["Target"]["Input"])["containerOverrides"]
    assert override["name"] == container_of("builder.yaml")["Name"]
    program, *arguments = override["command"]
    # Not `prepare`, which accepts a bundle of nearly this data; and not --force, which builds from what is known.
    assert (program, arguments) == ("shelfwise", ["build"])
    assert "build" in {command.callback.__name__ for command in app.registered_commands if command.callback}


@pytest.mark.parametrize("name", TASKS)
def test_containers_are_read_only_unprivileged_and_without_capabilities(name: str) -> None:
    container = container_of(name)
    assert container["User"] == "10001:10001"
    assert container["ReadonlyRootFilesystem"] is True
    assert container["Privileged"] is False
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}


@pytest.mark.parametrize("name", ["service.yaml", "gateway.yaml"])
def test_the_stop_timeout_is_longer_than_the_drain_time(name: str) -> None:
    container = container_of(name)
    [drain_s] = [int(given["Value"]) for given in container["Environment"] if given.get("Name") == "SHELFWISE_DRAIN_S"]
    assert container["StopTimeout"] > drain_s
    [service] = of_type(template(name), "AWS::ECS::Service")
    assert service["DeploymentConfiguration"]["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_rolled_back_by_the_alarm_on_failing_answers(service: str) -> None:
    deployment = service_of(service)["DeploymentConfiguration"]
    alarm = {"Fn::GetAtt": "Balancer.Outputs.FailingAlarm"}
    assert deployment["Alarms"] == {"Enable": True, "Rollback": True, "AlarmNames": [alarm]}


def test_the_failing_alarm_counts_balancer_errors_where_there_is_no_target() -> None:
    [alarm] = of_type(template("balancer.yaml"), "AWS::CloudWatch::Alarm")
    [expression] = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
    names = {m["Id"]: m["MetricStat"]["Metric"]["MetricName"] for m in alarm["Metrics"] if "MetricStat" in m}
    assert set(names.values()) == {"HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "RequestCount"}
    counted = {"HTTPCode_Target_5XX_Count": 3, "HTTPCode_ELB_5XX_Count": 0, "RequestCount": 100}
    down = {"HTTPCode_Target_5XX_Count": None, "HTTPCode_ELB_5XX_Count": 40, "RequestCount": None}
    percent = [
        # FILL as CloudWatch does it: a minute in which nothing was counted has no value.
        eval(expression, {"FILL": lambda value, other: other if value is None else value}, {i: m[n] for i, n in names.items()})
        for m in (counted, down)
    ]
    assert percent == [3, 100]


def test_each_hop_waits_longer_for_a_bulk_write_than_the_one_behind_it() -> None:
    """Nothing arrives at the caller while a bulk is written, so no hop may give up before the one behind it."""
    retriever = service_of("retriever")["ServiceConnectConfiguration"]["Services"][0]["Timeout"]
    [balancer] = of_type(template("balancer.yaml"), "AWS::ElasticLoadBalancingV2::LoadBalancer")
    attributes = {attribute["Key"]: attribute["Value"] for attribute in balancer["LoadBalancerAttributes"]}
    balancer_s = int(attributes["idle_timeout.timeout_seconds"])
    assert int(retriever["PerRequestTimeoutSeconds"]) > BULK_DEADLINE_MS / 1000
    assert int(retriever["IdleTimeoutSeconds"]) >= int(retriever["PerRequestTimeoutSeconds"])
    assert balancer_s > int(retriever["PerRequestTimeoutSeconds"])
    # The gateway must not close a connection that the balancer may still use.
    [kept_s] = [v["Value"] for v in container_for("gateway")["Environment"] if v["Name"] == "SHELFWISE_KEEP_ALIVE_S"]
    assert int(kept_s) > balancer_s


@pytest.mark.parametrize("service", ["embedder", "ranker"])
def test_requests_to_embedder_and_ranker_time_out_within_15_s(service: str) -> None:
    timeout = service_of(service)["ServiceConnectConfiguration"]["Services"][0]["Timeout"]
    assert int(timeout["PerRequestTimeoutSeconds"]) <= 15


def test_only_the_builder_may_write_to_the_bucket() -> None:
    writers = {path.name for path in TEMPLATES if re.search(r"s3:(Put|Delete|\*)", _allowed(path))}
    assert writers == {"builder.yaml"}


def test_the_builder_may_read_imports_and_the_bucket_expires_them() -> None:
    [writer] = [role for role in of_type(template("builder.yaml"), "AWS::IAM::Role") if "write" in str(role["Policies"])]
    [policy] = writer["Policies"]
    [imports] = [s for s in policy["PolicyDocument"]["Statement"] if "/imports/*" in str(s["Resource"])]
    assert imports["Action"] == "s3:GetObject"
    [bucket] = of_type(template("platform.yaml"), "AWS::S3::Bucket")
    [rule] = [rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "Prefix" in rule]
    assert (rule["Prefix"], rule["Status"]) == ("imports/", "Enabled")
    assert rule["ExpirationInDays"] > 0


def test_the_database_is_protected_and_can_be_made_from_a_snapshot() -> None:
    content = template("database.yaml")
    assert content["Parameters"]["DeletionProtection"]["Default"] == "true"
    [database] = of_type(content, "AWS::RDS::DBInstance")
    assert database["DeletionProtection"] == {"Ref": "DeletionProtection"}
    assert database["DBSnapshotIdentifier"]["Fn::If"][1] == {"Ref": "SnapshotIdentifier"}
    inherited = ("DBName", "MasterUsername", "StorageEncrypted")
    assert all(database[name]["Fn::If"][:2] == ["FromSnapshot", {"Ref": "AWS::NoValue"}] for name in inherited)


def every_alarm() -> dict[str, dict[str, Any]]:
    """Every alarm of every template, by its name."""
    return {
        name: resource["Properties"]
        for path in TEMPLATES
        for name, resource in template(path.name)["Resources"].items()
        if isinstance(resource, dict) and resource.get("Type") == "AWS::CloudWatch::Alarm"
    }


def test_every_alarm_notifies_the_topic() -> None:
    alarms = every_alarm()
    assert set(alarms) == {"Failing", "TooFewTasks", "Troubled", "LittleStorage", "NotStarted"}
    topic = {"Fn::If": ["Told", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert all(alarm["AlarmActions"] == topic for alarm in alarms.values())
    # These two look for something that is logged once, and would take five quiet minutes for its end.
    assert {name for name, alarm in alarms.items() if alarm.get("OKActions") != topic} == {"Troubled", "NotStarted"}


@pytest.mark.parametrize("name", ["service.yaml", "gateway.yaml"])
def test_the_alarm_on_too_few_tasks_treats_missing_counts_as_breaching(name: str) -> None:
    [alarm] = [
        alarm for alarm in of_type(template(name), "AWS::CloudWatch::Alarm") if alarm.get("MetricName") == "RunningTaskCount"
    ]
    assert alarm["TreatMissingData"] == "breaching"


def test_the_alarm_on_troubles_looks_for_phrases_that_services_log() -> None:
    [troubles] = of_type(template("service.yaml"), "AWS::Logs::MetricFilter")
    phrases = re.findall(r'\?"([^"]+)"', troubles["FilterPattern"])
    assert len(phrases) == 5
    sources = " ".join(path.read_text("utf-8") for top in ("libs", "services") for path in (ROOT / top).rglob("*.py"))
    assert all(re.search(rf'_log\.(?:warning|exception)\(\s*"[^"]*{phrase}', sources) for phrase in phrases)


def test_a_builder_task_that_fails_notifies_the_topic() -> None:
    [rule] = of_type(template("builder.yaml"), "AWS::Events::Rule")
    [task] = of_type(template("builder.yaml"), "AWS::ECS::TaskDefinition")
    assert rule["EventPattern"]["detail"]["group"] == [{"Fn::Sub": f"family:{task['Family']['Fn::Sub']}"}]
    [target] = rule["Targets"]
    assert target["Arn"] == {"Ref": "AlarmTopicArn"}


def test_a_nightly_build_that_could_not_be_started_raises_an_alarm() -> None:
    """Nothing was run, so no task's state changed; the schedule's group counts what it gave up."""
    [alarm] = of_type(template("builder.yaml"), "AWS::CloudWatch::Alarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Scheduler", "InvocationDroppedCount")
    [nightly] = of_type(template("builder.yaml"), "AWS::Scheduler::Schedule")
    [counted] = alarm["Dimensions"]
    assert counted == {"Name": "ScheduleGroup", "Value": nightly["GroupName"]}


def test_by_default_the_api_needs_a_key_and_hides_its_metrics() -> None:
    parameters = template("services.yaml")["Parameters"]
    assert "Default" not in parameters["AllowedCidr"]
    assert parameters["ApiKeysSecretArn"]["Default"] == ""
    gateway = template("gateway.yaml")
    assert gateway["Conditions"]["MakesApiKey"] == {"Fn::Equals": [{"Ref": "ApiKeysSecretArn"}, ""]}
    assert gateway["Resources"]["ApiKey"]["Condition"] == "MakesApiKey"
    [rule] = of_type(template("balancer.yaml"), "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert {"/metrics", "/readyz"} <= set(rule["Conditions"][0]["PathPatternConfig"]["Values"])
    assert rule["Actions"][0]["Type"] == "fixed-response"


def _allowed(path: Path) -> str:
    """Every action that a role of this template is allowed, one text."""
    roles = of_type(template(path.name), "AWS::IAM::Role")
    statements = [
        statement
        for role in roles
        for policy in role.get("Policies", ())
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    return " ".join(str(statement["Action"]) for statement in statements)


@pytest.mark.parametrize("service", SERVICES)
def test_pushed_images_have_the_build_arguments_of_compose(service: str) -> None:
    [line] = [line for line in (ECS / "push.sh").read_text().splitlines() if line.startswith(f"push {service} ")]
    pushed = dict(argument.strip('"').split("=") for argument in line.split()[3:])
    assert pushed == compose()["services"][service]["build"]["args"]


@pytest.mark.parametrize("script", ["push.sh", "lib.sh", "import.sh", "services.sh"])
def test_scripts_ask_only_for_stack_outputs_that_exist(script: str) -> None:
    outputs = {
        "$stack": template("platform.yaml")["Outputs"],
        "$stack-builder": template("builder.yaml")["Outputs"],
        "$stack-services": template("services.yaml")["Outputs"],
    }
    asked = re.findall(r'output "([^"]+)" (\w+)', (ECS / script).read_text())
    assert asked
    assert all(name in outputs[stack] for stack, name in asked)
