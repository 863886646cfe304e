"""The local certificate authority made at set-up: a root, one intermediate, a certificate for each organ on demand.

Keys lie in one folder only the service may read. A city with a certificate service of its own replaces this provider.
"""

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS_CA = 20
YEARS_SEAL = 5
ROOT, INTERMEDIATE = "root", "intermediate"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """Opens or makes the folder; issues, reloads and revokes organ certificates."""

    def __init__(self, folder: Path, *, label: str = "一网本地") -> None:
        self._folder = folder
        self._label = label
        self._lock = threading.Lock()
        self._held: dict[str, Issued] = {}
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.root = self._ca(ROOT, f"{label}根证书", None)
        self.intermediate = self._ca(INTERMEDIATE, f"{label}签章证书", self.root)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.pem"

    def _ca(self, name: str, title: str, parent: Issued | None) -> Issued:
        if self._path(name).exists():
            return self._read(name)
        return self._write(name, _issue(title, parent, ca=True, years=YEARS_CA))

    def _read(self, name: str) -> Issued:
        data = self._path(name).read_bytes()
        key = serialization.load_pem_private_key(data, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(name)
        return Issued(x509.load_pem_x509_certificate(data), key)

    def _write(self, name: str, issued: Issued) -> Issued:
        """Key and certificate in one file, there whole or not at all."""
        pem = issued.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + issued.certificate.public_bytes(serialization.Encoding.PEM)
        draft = self._path(f".{name}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path(name))
        return issued

    def seal_of(self, organ_id: int, title: str) -> Issued:
        """The organ's certificate, made the first time it is needed; a new title gets a new certificate."""
        name = f"organ-{organ_id}"
        with self._lock:
            held = self._held.get(name) or (self._read(name) if self._path(name).exists() else None)
            if held is None or title_of(held.certificate) != title:
                held = self._write(name, _issue(title, self.intermediate, ca=False, years=YEARS_SEAL))
            self._held[name] = held
            return held

    def revoke(self, organ_id: int, *, at: datetime) -> None:
        """No seal made with the organ's present certificate after `at` is good; the next seal gets a new one."""
        name = f"organ-{organ_id}"
        with self._lock:
            held = self._held.pop(name, None) or self._read(name)
            revoked = self.revoked() | {format(held.certificate.serial_number, "x"): at.isoformat()}
            target = self._folder / "revoked.json"
            draft = target.with_suffix(".new")
            draft.write_text(json.dumps(revoked))
            draft.chmod(0o600)
            draft.rename(target)
            self._path(name).rename(self._path(f"{name}-revoked-{held.certificate.serial_number:x}"))

    def revoked(self) -> dict[str, str]:
        """Serial (hex) to the moment of revocation (ISO)."""
        path = self._folder / "revoked.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def chain_pem(self) -> tuple[bytes, ...]:
        """The root and the intermediate, which others may have."""
        pair = (self.root, self.intermediate)
        return tuple(issued.certificate.public_bytes(serialization.Encoding.PEM) for issued in pair)


def title_of(certificate: x509.Certificate) -> str:
    """The organ a certificate names."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _issue(title: str, parent: Issued | None, *, ca: bool, years: int) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, title[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, title[:64]),
        ]
    )
    now = datetime.now(UTC)
    signing = parent.key if parent is not None else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(parent.certificate.subject if parent is not None else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))  # the made-up city's papers are some weeks old
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(ca=ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    return Issued(builder.sign(signing, hashes.SHA256()), key)
