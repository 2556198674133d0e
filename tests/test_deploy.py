"""What `deploy/` says fits what is deployed: the settings, the image, the routes, and each file the others."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from app.mapping.load import load_mappings
from app.sandbox import create_sandbox
from app.settings import PREFIX, InvalidSettings, Settings, load_settings, shipped
from tests.asgi import send
from tests.conftest import ServiceOver

TOP = Path(__file__).resolve().parent.parent
DEPLOY = TOP / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
DOCKERFILE = (TOP / "Dockerfile").read_text(encoding="utf-8")
IMAGE = "heirloom"
SPREAD = "topologySpreadConstraints"
KEY = "A" * 43 + "="
#: a path in a command that asks for it
ASKED = re.compile(r"http://127\.0\.0\.1:[^/]*(/[a-z]+)'")

Document = dict[str, Any]


def documents_of(path: Path) -> list[Document]:
    """The documents of a YAML file."""
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def variables_of(path: Path) -> dict[str, str]:
    """The lines of an environment file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


YAML_FILES = sorted(DEPLOY.rglob("*.y*ml"))
COMPOSE = {path.name: documents_of(path)[0] for path in sorted(DEPLOY.glob("compose*.yaml"))}
(KUSTOMIZATION,) = documents_of(KUBERNETES / "kustomization.yaml")
(SECRET,) = documents_of(KUBERNETES / "secret.example.yaml")
OBJECTS = [document for name in KUSTOMIZATION["resources"] for document in documents_of(KUBERNETES / name)]
GENERATED = {made["name"]: made for made in KUSTOMIZATION["configMapGenerator"]}
IMAGE_VARIABLES = dict(re.findall(rf"({PREFIX}\w+)=(\S+)", DOCKERFILE))


def only(kind: str, name: str) -> Document:
    """The object of this kind and name."""
    (found,) = [each for each in OBJECTS if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def of_kind(kind: str) -> list[Document]:
    """All objects of a kind."""
    return [each for each in OBJECTS if each["kind"] == kind]


#: what makes pods, by name
WORKLOADS = {each["metadata"]["name"]: each for each in OBJECTS if "template" in each["spec"]}
DEPLOYMENT = only("Deployment", "heirloom")
POD = DEPLOYMENT["spec"]["template"]["spec"]
(PROXY,) = POD["containers"]


def environment_of(container: Document) -> dict[str, str]:
    """What a container of a pod is given, the secret apart, over what the image sets."""
    given = dict(IMAGE_VARIABLES)
    for source in container.get("envFrom", ()):
        for name in GENERATED[source["configMapRef"]["name"]]["envs"] if "configMapRef" in source else ():
            given |= variables_of(KUBERNETES / name)
    return given | {each["name"]: each["value"] for each in container.get("env", ())}


def services() -> Iterator[tuple[str, Document]]:
    """Services of compose files that run this image, by name."""
    for file, document in COMPOSE.items():
        for name, service in document["services"].items():
            if "build" in service:
                yield f"{file}:{name}", service


ENVIRONMENTS = {
    **{name: IMAGE_VARIABLES | service.get("environment", {}) for name, service in services()},
    **{each["name"]: environment_of(each) for each in (*POD["initContainers"], PROXY)},
}
SERVING = {name: service for name, service in services() if "command" not in service}


def labels_match(selector: dict[str, str]) -> list[str]:
    """The workloads whose pods a selector picks."""
    return [
        name
        for name, each in WORKLOADS.items()
        if selector.items() <= each["spec"]["template"]["metadata"]["labels"].items()
    ]


# --- settings


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environment__of_a_container__is_what_the_settings_take(name: str) -> None:
    """Each name is a setting, and each value one that it can have; all of them are texts, as variables are."""
    environ = ENVIRONMENTS[name]

    settings = load_settings(environ)

    assert {type(value) for value in environ.values()} == {str}
    assert settings.model_fields_set == {key.removeprefix(PREFIX).lower() for key in environ}


@pytest.mark.parametrize(
    "path", sorted(each for each in DEPLOY.rglob("*") if each.is_file()), ids=lambda each: each.name
)
def test_file__names_of_settings__are_there(path: Path) -> None:
    """Comments name no setting that was taken away."""
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))

    assert named - {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} == set()


def test_secret__as_it_stands__has_no_value_and_stops_the_start() -> None:
    """What nobody filled in does not pass for a key."""
    assert set(SECRET["stringData"].values()) == {""}
    assert "data" not in SECRET

    with pytest.raises(InvalidSettings):
        load_settings(environment_of(PROXY) | SECRET["stringData"])


def test_secret__filled_in__opens_the_ways_that_want_it() -> None:
    """Its names are settings, and enough for the broker; the deployment asks for it by its name."""
    filled = dict.fromkeys(SECRET["stringData"], KEY)

    settings = load_settings(environment_of(PROXY) | filled | {"HEIRLOOM_AUTH": "broker"})

    assert settings.secret_keys == (KEY,)
    assert [source["secretRef"]["name"] for source in PROXY["envFrom"] if "secretRef" in source] == [
        SECRET["metadata"]["name"]
    ]
    # What comes later counts for more: a store with a password belongs there.
    assert "secretRef" in PROXY["envFrom"][-1]


def test_budget_share__store_down__is_a_share_for_every_worker_there_can_be() -> None:
    """While the store is down, all workers of all pods together keep to the upstream's limits, also during a roll."""
    settings = load_settings(environment_of(PROXY))
    most = only("HorizontalPodAutoscaler", "heirloom")["spec"]["maxReplicas"]

    workers = (most + DEPLOYMENT["spec"]["strategy"]["rollingUpdate"]["maxSurge"]) * settings.workers

    assert workers * settings.budget_share <= 1


def test_budget_share__replicas_of_compose__is_a_share_for_every_worker() -> None:
    """As for pods."""
    shares = [load_settings(ENVIRONMENTS[name]) for name in SERVING if name.startswith("compose.replicas.yaml")]

    assert len(shares) == 2
    assert sum(each.workers * each.budget_share for each in shares) <= 1


# --- ports and paths


def test_ports__image_pod_service_and_policy__are_one() -> None:
    """The image listens where the pod says, and the service and the policy lead there."""
    exposed = [int(port) for port in re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)]
    settings = load_settings(environment_of(PROXY))
    policy = only("NetworkPolicy", "heirloom")["spec"]

    assert exposed == [settings.port]
    assert settings.host == "0.0.0.0"
    assert [port["containerPort"] for port in PROXY["ports"]] == exposed
    assert [port["port"] for rule in policy["ingress"] for port in rule["ports"]] == exposed


def test_ports__of_compose__lead_to_where_the_proxy_listens() -> None:
    """The inner side of a published port is the proxy's."""
    inner = {
        name: [int(port.rpartition(":")[2]) for port in service["ports"]]
        for name, service in SERVING.items()
        if "ports" in service
    }

    assert inner == {name: [load_settings(ENVIRONMENTS[name]).port] for name in inner}
    assert inner


@pytest.mark.parametrize("service", of_kind("Service"), ids=lambda each: each["metadata"]["name"])
def test_service__target_ports__are_those_of_its_pods(service: Document) -> None:
    """A service leads to a port that its pods have."""
    (name,) = labels_match(service["spec"]["selector"])
    containers = WORKLOADS[name]["spec"]["template"]["spec"]["containers"]

    named = {port["name"] for container in containers for port in container["ports"]}

    assert {port["targetPort"] for port in service["spec"]["ports"]} <= named


def test_store__of_the_settings__is_the_redis_that_the_policies_let_through() -> None:
    """The store's host is a service, and on its port one policy lets the proxy out and the other lets it in."""
    store = urlsplit(load_settings(environment_of(PROXY)).store)
    service = only("Service", str(store.hostname))
    out = [rule for rule in only("NetworkPolicy", "heirloom")["spec"]["egress"] if "podSelector" in rule["to"][0]]
    (into,) = only("NetworkPolicy", service["metadata"]["name"])["spec"]["ingress"]
    (container,) = WORKLOADS[service["metadata"]["name"]]["spec"]["template"]["spec"]["containers"]
    listening = [port["containerPort"] for port in container["ports"]]

    assert [port["port"] for port in service["spec"]["ports"]] == [store.port] == listening
    assert [rule["to"][0]["podSelector"]["matchLabels"] for rule in out] == [service["spec"]["selector"]]
    assert [port["port"] for rule in out for port in rule["ports"]] == [store.port]
    assert [port["port"] for port in into["ports"]] == [store.port]
    assert [labels_match(each["podSelector"]["matchLabels"]) for each in into["from"]] == [["heirloom"]]


def test_policy__upstream__can_be_reached() -> None:
    """The ports of the upstream's addresses are let out."""
    settings = load_settings(environment_of(PROXY))
    rules = only("NetworkPolicy", "heirloom")["spec"]["egress"]

    ports = {port["port"] for rule in rules if "ipBlock" in rule["to"][0] for port in rule["ports"]}

    assert {url.port for url in (settings.upstream_url, settings.token_url)} <= ports


async def test_probes__asked_of_the_proxy__answer(service_over: ServiceOver) -> None:
    """What the cluster and the image ask for is served; pods end by what lives, and get requests by what is ready."""
    paths = {kind: PROXY[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    (image,) = ASKED.findall(re.sub(r"' \+ .* \+ '", "", DOCKERFILE))
    app = service_over([]).app

    served = {path: (await send(app, "GET", path)).json() for path in {*paths.values(), image}}

    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert image == "/readyz"
    # Not started, it lives and is not ready: the one that ends pods does not wait for the store.
    assert served["/healthz"] == {"status": "ok"}
    assert served["/readyz"]["status"] == "not ready"


def test_probes__of_pods__name_a_port_that_they_have() -> None:
    """A probe of a port that is misspelt never passes."""
    containers = [each for name in WORKLOADS for each in WORKLOADS[name]["spec"]["template"]["spec"]["containers"]]
    probed = [
        (each["name"], asked["port"])
        for each in containers
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        for asked in (each.get(kind, {}).get(way) for way in ("httpGet", "tcpSocket"))
        if asked
    ]

    assert {name for name, _ in probed} == {each["name"] for each in containers}
    assert set(probed) <= {(each["name"], port["name"]) for each in containers for port in each["ports"]}


def test_health_check__of_the_sandbox__is_a_route_of_it() -> None:
    """compose waits for an address that the sandbox has."""
    service = COMPOSE["compose.yaml"]["services"]["sandbox"]

    (asked,) = ASKED.findall(service["healthcheck"]["test"][-1])

    assert asked in {
        getattr(route, "path", "") for route in create_sandbox(shipped("mappings") / "schema.graphql").routes
    }


# --- ends


def test_grace__of_the_pod__is_longer_than_pause_and_drain() -> None:
    """Nothing is killed that still has time to end."""
    command, pause = PROXY["lifecycle"]["preStop"]["exec"]["command"]

    assert command == "sleep"
    assert POD["terminationGracePeriodSeconds"] > int(pause) + load_settings(environment_of(PROXY)).drain_seconds


@pytest.mark.parametrize("name", SERVING)
def test_grace__of_a_service_of_compose__is_longer_than_its_drain(name: str) -> None:
    """As for pods; compose kills after ten seconds unless told otherwise."""
    grace = re.fullmatch(r"(\d+)s", SERVING[name].get("stop_grace_period", "10s"))

    assert grace is not None
    assert int(grace[1]) > load_settings(ENVIRONMENTS[name]).drain_seconds


# --- what holds the files together


def test_kustomization__files__are_all_that_there_are() -> None:
    """Every file that it names is there, and every file that is there it names, but for itself and the examples."""
    named = {*KUSTOMIZATION["resources"]}
    for made in GENERATED.values():
        named |= {*made.get("envs", ())} | {file.rpartition("=")[2] for file in made.get("files", ())}
    there = {str(path.relative_to(KUBERNETES)) for path in KUBERNETES.rglob("*") if path.is_file()}

    assert {name for name in there if not name.endswith(".example.yaml")} == named | {"kustomization.yaml"}


def test_yaml__under_deploy__is_read_here() -> None:
    """No file is added that no test looks at."""
    read = {*(DEPLOY / name for name in COMPOSE), *(path for path in YAML_FILES if path.is_relative_to(KUBERNETES))}

    assert set(YAML_FILES) == read


def test_image__tag__is_the_version() -> None:
    """All containers of this project run its image, in the version that it has."""
    (image,) = KUSTOMIZATION["images"]
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert (image["name"], image["newTag"]) == (IMAGE, project["version"])
    assert {each["image"] for each in (*POD["initContainers"], PROXY)} == {IMAGE}


@pytest.mark.parametrize("name", WORKLOADS)
def test_selectors__of_a_workload__match_its_pods(name: str) -> None:
    """It finds the pods that it makes, and spreads those."""
    spec = WORKLOADS[name]["spec"]
    selectors = [spec["selector"], *(each["labelSelector"] for each in spec["template"]["spec"].get(SPREAD, ()))]

    assert [labels_match(each["matchLabels"]) for each in selectors] == [[name]] * len(selectors)


@pytest.mark.parametrize("kind", ["PodDisruptionBudget", "NetworkPolicy", "Service"])
def test_selectors__of_what_is_about_pods__match_those_of_their_name(kind: str) -> None:
    """Budget, policies and services are about the pods of the workload of their name."""
    field = {"PodDisruptionBudget": "selector", "NetworkPolicy": "podSelector"}
    picked = {
        each["metadata"]["name"]: labels_match(
            each["spec"][field[kind]]["matchLabels"] if kind in field else each["spec"]["selector"]
        )
        for each in of_kind(kind)
    }

    assert picked == {name: [name] for name in picked}
    assert "heirloom" in picked


def test_policies__pods__have_one_each() -> None:
    """No pod is open to the whole cluster, in either direction."""
    policies = {each["metadata"]["name"]: each["spec"]["policyTypes"] for each in of_kind("NetworkPolicy")}

    assert policies == {name: ["Ingress", "Egress"] for name in WORKLOADS}


def test_autoscaler__target__is_the_deployment() -> None:
    """It scales what is there, to at least two, and no number in the deployment undoes it."""
    spec = only("HorizontalPodAutoscaler", "heirloom")["spec"]
    target = {key: DEPLOYMENT[key] for key in ("apiVersion", "kind")} | {"name": DEPLOYMENT["metadata"]["name"]}

    assert spec["scaleTargetRef"] == target
    assert 2 <= spec["minReplicas"] <= spec["maxReplicas"]
    assert "replicas" not in DEPLOYMENT["spec"]


@pytest.mark.parametrize("name", WORKLOADS)
def test_volumes__of_a_pod__are_there(name: str) -> None:
    """Every volume that is mounted is one of the pod's, and every ConfigMap one that is made."""
    spec = WORKLOADS[name]["spec"]
    pod = spec["template"]["spec"]
    volumes = pod.get("volumes", [])
    claims = {each["metadata"]["name"] for each in spec.get("volumeClaimTemplates", ())}

    containers = [*pod.get("initContainers", ()), *pod["containers"]]

    assert {mount["name"] for each in containers for mount in each["volumeMounts"]} == {
        *(each["name"] for each in volumes),
        *claims,
    }
    assert {each["configMap"]["name"] for each in volumes if "configMap" in each} <= set(GENERATED)


# --- what a container may


@pytest.mark.parametrize("name", WORKLOADS)
def test_pod__rights__are_none(name: str) -> None:
    """No root, no writable image, no capability, no token of the cluster, a bound on memory."""
    pod = WORKLOADS[name]["spec"]["template"]["spec"]
    containers = [*pod.get("initContainers", ()), *pod["containers"]]
    confined = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert [each["securityContext"] for each in containers] == [confined] * len(containers)
    assert [{"cpu", "memory"} <= set(each["resources"]["requests"]) for each in containers] == [True] * len(containers)
    assert ["memory" in each["resources"]["limits"] for each in containers] == [True] * len(containers)


def test_pod__user__is_that_of_the_image() -> None:
    """The numbers agree."""
    (user,) = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)

    assert POD["securityContext"]["runAsUser"] == int(user)


@pytest.mark.parametrize("name", WORKLOADS)
def test_pod__addresses_of_services__do_not_come_in_as_settings(name: str) -> None:
    """What the cluster would set for the services here are no settings, or wrong ones: it is told not to."""
    links = {
        f"{service['metadata']['name'].upper().replace('-', '_')}_PORT": "tcp://10.0.0.1:80"
        for service in of_kind("Service")
    }

    with pytest.raises(InvalidSettings):
        load_settings(links)
    assert WORKLOADS[name]["spec"]["template"]["spec"]["enableServiceLinks"] is False


@pytest.mark.parametrize("name", dict(services()))
def test_service_of_compose__rights__are_none(name: str) -> None:
    """As for pods."""
    service = dict(services())[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


# --- mappings of one's own


@dataclass(frozen=True, slots=True)
class Laid:
    """What the init container made of the shipped mappings and those of one's own."""

    status: int
    said: str
    folder: Path


def lay(folder: Path, changed: dict[str, str]) -> Laid:
    """Run the init container's own command, with folders of the test's in the place of the container's.

    The ConfigMap lies there as the kubelet lays it: links to links, beside folders that begin with dots.
    """
    (init,) = POD["initContainers"]
    own, made = folder / "own", folder / "mappings"
    version = own / "..2026_01_01"
    version.mkdir(parents=True)
    made.mkdir()
    for file in GENERATED["heirloom-mappings"]["files"]:
        key, _, source = file.rpartition("=")
        name = placed().get(key or Path(source).name, key or Path(source).name)
        (version / name).parent.mkdir(exist_ok=True)
        text = changed.get(name) or (KUBERNETES / source).read_text(encoding="utf-8")
        (version / name).write_text(text, encoding="utf-8")
    (own / "..data").symlink_to(version.name)
    for each in version.iterdir():
        (own / each.name).symlink_to(Path("..data") / each.name)
    mounts = {
        mount["mountPath"]: {"own-mappings": own, "mappings": made}[mount["name"]] for mount in init["volumeMounts"]
    }
    places = {"/srv/heirloom/mappings": shipped("mappings"), **mounts}
    pattern = re.compile("|".join(rf"(?<![\w/.]){re.escape(place)}(?![\w])" for place in places))
    (script,) = init["args"]
    script = pattern.sub(lambda found: shlex.quote(str(places[found[0]])), script)
    environ = {
        name: pattern.sub(lambda found: str(places[found[0]]), value)
        for name, value in ENVIRONMENTS["mappings"].items()
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [*init["command"], script]
    ran = subprocess.run(
        command, cwd=TOP, env=environ | {"PATH": path}, capture_output=True, check=False, text=True, timeout=60
    )
    return Laid(ran.returncode, ran.stdout + ran.stderr, made)


def placed() -> dict[str, str]:
    """Keys of the ConfigMap that stand at another path in its folder."""
    (volume,) = [each for each in POD["volumes"] if each["name"] == "own-mappings"]
    return {item["key"]: item["path"] for item in volume["configMap"].get("items", ())}


def test_own_mappings__files__stand_where_they_would_in_the_folder() -> None:
    """A ConfigMap is flat: a file of an area's folder wants a path of its own, and then all of them do."""
    files = [file.rpartition("=") for file in GENERATED["heirloom-mappings"]["files"]]
    keys = {key or Path(source).name: source for key, _, source in files}

    stand = {key: f"mappings/{path}" for key, path in (placed() or {key: key for key in keys}).items()}

    assert stand == keys


def test_own_mappings__as_they_are__change_nothing(tmp_path: Path) -> None:
    """The shipped calls, and no row more."""
    laid = lay(tmp_path, {})

    before, _ = load_mappings(shipped("mappings"))
    after, findings = load_mappings(laid.folder)

    assert laid.status == 0, laid.said
    assert findings == []
    assert [each.id for each in after.endpoints] == [each.id for each in before.endpoints]
    assert [each.row.name for each in (*after.errors, *after.shipped_errors)] == [
        each.row.name for each in before.errors
    ]


def test_own_mappings__with_a_row__it_comes_first(tmp_path: Path) -> None:
    """A row of one's own stands before the shipped ones, which stay."""
    row = "- {name: own, when: {says: 'closed today'}, status: 503, message: Closed, example: Closed today}\n"

    laid = lay(tmp_path, {"_errors.yaml": row})

    after, _ = load_mappings(laid.folder)
    assert laid.status == 0, laid.said
    assert [each.row.name for each in after.errors] == ["own"]
    assert len(after.shipped_errors) > 10


def test_own_mappings__with_a_fault__keep_the_pod_from_starting(tmp_path: Path) -> None:
    """The init container fails and names the fault, so that the old pods go on."""
    laid = lay(
        tmp_path, {"_errors.yaml": "- {name: own, when: {says: 'closed today'}, status: 999, message: Closed}\n"}
    )

    assert laid.status != 0
    assert "_errors.yaml" in laid.said
