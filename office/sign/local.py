"""PAdES seals by pyHanko with local certificates (EC P-256). Each seal is one incremental signature."""

import io
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from office.sign import judge
from office.sign.authority import Authority, Issued
from office.sign.provider import SealPlace, Trust, Verdict
from office.sign.seal_picture import picture

POINTS = 72 / 25.4  # a millimetre in points
PAGE_MM = 297.0
ROOM = 16_384  # bytes kept for the signature itself

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # a damaged file is an answer here, not an error


class LocalProvider:
    """Seals with the certificates in a folder."""

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self.authority = Authority(folder, label="一网演示" if demo else "一网本地")
        self._demo = demo

    def seal(self, pdf: bytes, places: Sequence[SealPlace], *, reason: str) -> bytes:
        """All fields first, then one signature after another: the first permits the later ones."""
        names = [f"Seal{i}" for i in range(1, len(places) + 1)]
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        for name, place in zip(names, places, strict=True):
            fields.append_signature_field(writer, _field(name, place))
        sealed = pdf
        for i, (name, place) in enumerate(zip(names, places, strict=True)):
            if i:
                writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
            sealed = self._sign(writer, name, place, reason=reason, first=i == 0)
        return sealed

    def _sign(
        self, writer: IncrementalPdfFileWriter, name: str, place: SealPlace, *, reason: str, first: bool
    ) -> bytes:
        issued = self.authority.seal_of(place.organ_id, place.title)
        meta = signers.PdfSignatureMetadata(
            field_name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason=reason,
            name=place.title, certify=first, docmdp_permissions=fields.MDPPerm.FILL_FORMS,
        )  # fmt: skip
        signer = signers.PdfSigner(meta, self._signer(issued), stamp_style=self._style(place))
        out = io.BytesIO()
        signer.sign_pdf(writer, output=out, bytes_reserved=ROOM, in_place=False)
        return out.getvalue()

    def _signer(self, issued: Issued) -> signers.SimpleSigner:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        for authority in (self.authority.root, self.authority.intermediate):
            store.register(_certificate(authority))
        return signers.SimpleSigner(signing_cert=_certificate(issued), signing_key=_key(issued), cert_registry=store)

    def _style(self, place: SealPlace) -> StaticStampStyle | None:
        if not place.diameter_mm:
            return None
        fill = SimpleBoxLayoutRule(
            x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0),
            inner_content_scaling=InnerScaling.STRETCH_FILL,
        )  # fmt: skip
        return StaticStampStyle(
            background=_image(place.title, demo=self._demo), background_layout=fill, background_opacity=1.0,
            border_width=0,
        )  # fmt: skip

    def verify(self, pdf: bytes) -> Verdict:
        """Judge a file against this authority's root and revocations."""
        return judge.judge(pdf, self.authority.chain_pem(), self.authority.revoked())

    def trust(self) -> Trust:
        """This authority's certificates and revocations."""
        return Trust(self.authority.chain_pem(), self.authority.revoked())


def _field(name: str, place: SealPlace) -> fields.SigFieldSpec:
    if not place.diameter_mm:
        return fields.SigFieldSpec(name, on_page=place.page - 1)
    radius = place.diameter_mm / 2
    left, right = (place.x_mm - radius) * POINTS, (place.x_mm + radius) * POINTS
    top, bottom = (PAGE_MM - place.y_mm + radius) * POINTS, (PAGE_MM - place.y_mm - radius) * POINTS
    # pyHanko takes whole points, which moves an edge by 0.18 mm at most.
    box = (round(left), round(bottom), round(right), round(top))
    return fields.SigFieldSpec(name, on_page=place.page - 1, box=box)


def _certificate(issued: Issued) -> x509.Certificate:
    return x509.Certificate.load(issued.certificate.public_bytes(serialization.Encoding.DER))


def _key(issued: Issued) -> keys.PrivateKeyInfo:
    der = issued.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return keys.PrivateKeyInfo.load(der)


@lru_cache(maxsize=64)
def _image(title: str, *, demo: bool) -> PdfImage:
    return PdfImage(Image.open(io.BytesIO(picture(title, demo=demo))))
