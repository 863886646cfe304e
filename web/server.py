"""Serving: TLS with the installation's certificate, or a self-signed one made at the first start."""

import asyncio
import gc
import ipaddress
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typing_extensions import override

from web.app import create_app
from web.config import Config

KEEP_ALIVE = 15.0  # seconds: silent connections do not stay
YEARS = 3


class JsonLines(logging.Formatter):
    """One JSON object a line; no text of a paper ever comes here."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "log": record.name, "message": record.getMessage(),
        }  # fmt: skip
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def log_to_stderr() -> None:
    """Logs as JSON lines on the standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for quiet in ("aiohttp.access", "alembic"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def certificate(config: Config) -> tuple[Path, Path]:
    """Paths of certificate and key: the installation's own, else a self-signed pair, made once."""
    if config.cert and config.key:
        return Path(config.cert), Path(config.key)
    folder = config.data / "tls"
    cert, key = folder / "cert.pem", folder / "key.pem"
    if not (cert.exists() and key.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        _make_self_signed(cert, key, config.host)
    return cert, key


def _make_self_signed(cert: Path, key: Path, host: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "yiwang")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    cert.write_bytes(built.public_bytes(serialization.Encoding.PEM))


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName(socket.gethostname())]
    for address in {"127.0.0.1", "::1", host} - {"0.0.0.0", "::"}:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        except ValueError:
            names.append(x509.DNSName(address))
    return names


def tls(config: Config) -> ssl.SSLContext | None:
    """The TLS context, TLS 1.2 and newer; None where a proxy does TLS."""
    if config.plain:
        return None
    cert, key = certificate(config)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


async def serve(config: Config, *, started: Callable[[str], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT; what was accepted is finished first."""
    runner = web.AppRunner(create_app(config), keepalive_timeout=KEEP_ALIVE, access_log=None, shutdown_timeout=10.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, config.host, config.port, ssl_context=tls(config), backlog=1024)
        await site.start()
        keep_what_is_here()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        if started is not None:
            started(address(config, runner))
        await stop.wait()
    finally:
        await runner.cleanup()


def keep_what_is_here() -> None:
    """What a start has built lives as long as the process: full collections need not go through it, 40 ms each time."""
    gc.collect()
    gc.freeze()


def address(config: Config, runner: web.AppRunner) -> str:
    """Where people find it; port 0 was replaced by a free one."""
    port = runner.addresses[0][1]
    host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host
    return f"{'http' if config.plain else 'https'}://{host}:{port}/"
