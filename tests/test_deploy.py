"""What docs/deploy.md and deploy/ tell others to run: safe, in step with the program, and rightly reckoned."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.program import run

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text("utf-8")
MANIFEST: dict[str, Any] = {
    part["kind"]: part for part in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
}
POD = MANIFEST["Deployment"]["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]


# --- Kubernetes -------------------------------------------------------------------------------


def test_the_parts_of_the_manifest_mean_the_same_program() -> None:
    """Who applies it gets one whole: each part finds the pods, and each port its place."""
    labels = POD["metadata"]["labels"]
    spec = {kind: part["spec"] for kind, part in MANIFEST.items()}
    assert spec["Deployment"]["selector"]["matchLabels"] == labels
    assert spec["Service"]["selector"] == labels
    assert spec["PodDisruptionBudget"]["selector"]["matchLabels"] == labels
    assert spec["NetworkPolicy"]["podSelector"]["matchLabels"] == labels
    assert spec["HorizontalPodAutoscaler"]["scaleTargetRef"]["name"] == MANIFEST["Deployment"]["metadata"]["name"]
    assert {part["name"]: part["containerPort"] for part in CONTAINER["ports"]} == {"http": 8000}
    assert (
        spec["Service"]["ports"][0]["targetPort"] == spec["NetworkPolicy"]["ingress"][0]["ports"][0]["port"] == "http"
    )


def test_probes_ask_how_the_server_is() -> None:
    """A pod gets visitors once it is ready, and is started anew only when it no longer answers at all."""
    asked = {name: CONTAINER[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert {name: found["path"] for name, found in asked.items()} == {
        "startupProbe": "/health/ready",
        "readinessProbe": "/health/ready",
        "livenessProbe": "/health/live",
    }
    assert {found["port"] for found in asked.values()} == {"http"}


def test_a_pod_may_do_nothing_but_answer() -> None:
    """No root, no writable disk, no rights, no token, and no way out."""
    assert POD["spec"]["securityContext"]["runAsNonRoot"] is True
    assert POD["spec"]["automountServiceAccountToken"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "volumeMounts" not in CONTAINER
    policy = MANIFEST["NetworkPolicy"]["spec"]
    assert (policy["policyTypes"], policy["egress"]) == (["Ingress", "Egress"], [])
    assert f"USER {POD['spec']['securityContext']['runAsUser']}:" in (ROOT / "Dockerfile").read_text("utf-8")


def test_there_is_always_more_than_one_and_enough_for_the_largest_reckoning() -> None:
    """One pod may go while another answers, and the table's largest number of processors fits."""
    scaling = MANIFEST["HorizontalPodAutoscaler"]["spec"]
    assert scaling["minReplicas"] > MANIFEST["PodDisruptionBudget"]["spec"]["minAvailable"]
    assert scaling["maxReplicas"] * float(CONTAINER["resources"]["requests"]["cpu"]) > needs(10_000_000)[3]
    assert scaling["metrics"][0]["resource"]["target"]["averageUtilization"] == 50  # as the document reckons


# --- options, names and the proxy ----------------------------------------------------------------


def service() -> dict[str, str]:
    parser = ConfigParser(interpolation=None, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "explainer.service", "utf-8")
    return dict(parser["Service"])


def test_every_option_is_one_of_the_program() -> None:
    """What is shown can be started."""
    told = run("serve", "--help").text
    shown = " ".join([service()["ExecStart"], *CONTAINER["args"]])
    options = set(re.findall(r"--[a-z-]+", shown)) | {"--prefix", "--port"}
    assert options >= {"--workers", "--allow-host"}
    assert all(option in told for option in options)


def test_the_service_may_write_nothing_and_leaves_no_copy_of_its_memory() -> None:
    """A machine that is taken over or crashes holds no answers."""
    settings = service()
    assert (settings["DynamicUser"], settings["ProtectSystem"], settings["ProtectHome"]) == ("yes", "strict", "yes")
    assert (settings["NoNewPrivileges"], settings["CapabilityBoundingSet"]) == ("yes", "")
    assert (settings["IPAddressDeny"], settings["IPAddressAllow"]) == ("any", "localhost")
    assert settings["LimitCORE"] == "0"
    assert not any("ReadWritePaths" in name or "StateDirectory" in name for name in settings)


def test_the_proxy_notes_and_stores_nothing_of_a_visit() -> None:
    """Its log names neither visitor nor page, lesser errors are not told, and no page goes to its disk."""
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text("utf-8"))
    (logged,) = re.findall(r"log_format explainer '([^']*)'", text)
    assert set(re.findall(r"\$\w+", logged)) == {
        *("$time_iso8601", "$request_method", "$status", "$body_bytes_sent", "$request_time")
    }
    assert re.findall(r"access_log (.*);", text) == ["off", "/var/log/nginx/explainer.log explainer"]
    assert re.findall(r"error_log .* (\w+);", text) == ["crit"]
    for setting in (
        "proxy_max_temp_file_size 0",
        "client_body_buffer_size 64k",
        "client_max_body_size 64k",
        "proxy_set_header Host $http_host",
        "proxy_set_header X-Forwarded-Proto $scheme",
        'proxy_set_header X-Forwarded-For ""',
    ):
        assert f"{setting};" in text


def test_one_name_stands_for_the_host_everywhere() -> None:
    """Who replaces it finds it in every file by the same word."""
    for path in DEPLOY.iterdir():
        assert "care.example.org" in path.read_text("utf-8"), path.name


# --- the reckoning ---------------------------------------------------------------------------------


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first column has that heading."""
    lines = DOCUMENT[DOCUMENT.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def visit() -> tuple[float, float, float]:
    """Requests, ms of computing and KB sent of one visit."""
    rows = [[float(cell) for cell in cells] for _, *cells in table("page")]
    return (
        sum(times for times, *_ in rows),
        sum(times * took for times, took, *_ in rows),
        sum(times * small for times, _, _, small in rows),
    )


def needs(families: int) -> tuple[float, ...]:
    """What the busiest hour of so many families a day takes, in the order of the table."""
    requests, took, size = visit()
    hour = families * 0.1
    busy = hour * took / 1000 / 3600
    return hour, hour * requests / 3600, busy, busy / 0.5, hour * size / 1000 / 3600


def test_the_sums_of_a_visit_are_those_of_its_table() -> None:
    """Who puts in figures of their own is told which sums to change."""
    requests, took, size = visit()
    for said in (f"= {requests:.0f}", f"= {took:.0f} ms", f"= {size:.0f} KB"):
        assert re.search(rf"{re.escape(said)}$", DOCUMENT, flags=re.MULTILINE), said


@pytest.mark.parametrize("row", table("families a day"), ids=lambda row: row[0])
def test_each_number_follows_from_the_measured_ones(row: list[str]) -> None:
    """Nothing in the table is guessed; rounding moves it by a twentieth at most."""
    families, *told = (float(cell.replace(",", "")) for cell in row)
    for said, reckoned in zip(told, needs(int(families)), strict=True):
        assert said == pytest.approx(reckoned, rel=0.05)


# --- no address of a registry ------------------------------------------------------------------------

REGISTRY = re.compile(r"\b(pypi|pythonhosted|npmjs|docker|ghcr|quay|gcr|pkg|mcr)\.(org|io|com|dev)\b", re.IGNORECASE)


def test_no_file_names_a_registry() -> None:
    """Images and packages come from wherever a machine is set up to get them."""
    kinds = ("*.md", "*.yaml", "*.toml", "*.txt", "*.conf", "*.service", "*.json", "Dockerfile", "Makefile")
    folders = (ROOT, ROOT / "deploy", ROOT / "docs", ROOT / "docs" / "decisions", ROOT / "requirements")
    files = [path for folder in folders for kind in kinds for path in folder.glob(kind)]
    assert len(files) > 20
    assert [path.name for path in files if REGISTRY.search(path.read_text("utf-8"))] == []
