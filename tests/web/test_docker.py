"""The container files cannot be run here; what they name must at least exist."""

import re
from pathlib import Path

from web.config import ELSEWHERE, NAMES, PREFIX

DOCKER = Path(__file__).resolve().parents[2] / "docker"


def test_only_settings_that_the_program_knows_are_set() -> None:
    text = "".join(path.read_text() for path in DOCKER.iterdir() if path.is_file())
    named = set(re.findall(rf"\b{PREFIX}([A-Z_]+)", text))
    assert named
    assert named <= NAMES | ELSEWHERE


def test_no_password_has_a_default() -> None:
    compose = (DOCKER / "compose.yaml").read_text()
    used = re.findall(r"\$\{(\w*(?:PASSWORD|ORIGINS|TLS)\w*)(:[?-])?", compose)
    assert {name for name, _ in used} == {"POSTGRES_PASSWORD", "YIWANG_ORIGINS", "TLS_FOLDER"}
    assert all(mark == ":?" for _, mark in used)


def test_nginx_asks_the_nodes_of_compose_at_the_port_of_the_image() -> None:
    nginx = (DOCKER / "nginx.conf").read_text()
    compose = (DOCKER / "compose.yaml").read_text()
    nodes = re.findall(r"server (node\d+):(\d+)", nginx)
    assert {name for name, _ in nodes} == set(re.findall(r"^  (node\d+):", compose, re.MULTILINE))
    exposed = re.search(r"EXPOSE (\d+)", (DOCKER / "Dockerfile").read_text())
    assert exposed is not None
    assert {port for _, port in nodes} == {exposed.group(1)}
    locations = nginx.count("proxy_pass http://nodes")
    assert locations == nginx.count("X-Real-IP $remote_addr") == nginx.count("Host $host")
