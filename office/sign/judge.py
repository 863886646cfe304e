"""Judging a sealed file: genuine, altered or unknown, in plain words. Never trusts what the file says of itself."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import pypdfium2
from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from office.sign.provider import Change, Outcome, SealFact, Verdict

MOST_CHANGES = 20
MOST_PAGES = 200
MOST_REVISIONS = 20


def judge(pdf: bytes, chain: Sequence[bytes], revoked: Mapping[str, str]) -> Verdict:
    """The verdict on a file, whatever is in it. `chain` holds the PEM of our root and of what issues under it."""
    try:
        return _judge(pdf, [_load(certificate) for certificate in chain], revoked)
    except Exception:
        return _broken(pdf)


def _judge(pdf: bytes, chain: Sequence[x509.Certificate], revoked: Mapping[str, str]) -> Verdict:
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    signatures = list(reader.embedded_regular_signatures)
    if not signatures:
        finding = "这个文件里没有电子印章。它可能是草稿、复印件，或别的系统出的文件。"
        return Verdict(Outcome.UNKNOWN, findings=(finding,))
    context = ValidationContext(trust_roots=[chain[0]], allow_fetching=False, revocation_mode="soft-fail")
    seals = tuple(_fact(pdf, signature, context, chain, revoked) for signature in signatures)
    empty = sum(1 for _ in enumerate_sig_fields(reader, filled_status=False))
    return _weigh(pdf, signatures, seals, empty)


def _load(root: bytes) -> x509.Certificate:
    _, _, der = pem.unarmor(root)
    return x509.Certificate.load(der)


def _broken(pdf: bytes) -> Verdict:
    if b"/ByteRange" in pdf:
        return Verdict(Outcome.ALTERED, findings=("文件盖过章，但现在已经损坏，读不完整。请向发文单位要原件。",))
    return Verdict(Outcome.UNKNOWN, findings=("这个文件打不开，不是完整的 PDF。",))


def _fact(
    pdf: bytes,
    signature: EmbeddedPdfSignature,
    context: ValidationContext,
    chain: Sequence[x509.Certificate],
    revoked: Mapping[str, str],
) -> SealFact:
    certificate = signature.signer_cert
    title = str(certificate.subject.native.get("common_name", ""))
    serial = format(certificate.serial_number, "x")
    at = signature.self_reported_timestamp
    status = validate_pdf_signature(signature, context)
    plain = not status.trusted or _gap_is_plain(pdf, signature, chain)
    return SealFact(
        title, at, serial, trusted=status.trusted, revoked=_is_revoked(serial, at, revoked),
        intact=status.intact and status.valid and plain, unchanged_since=_unchanged(status),
    )  # fmt: skip


def _gap_is_plain(pdf: bytes, signature: EmbeddedPdfSignature, chain: Sequence[x509.Certificate]) -> bool:
    """The bytes no hash covers hold the signature in hex, our own certificates, then zeros, and nothing else."""
    _, first, second, _ = signature.byte_range
    content = signature.pkcs7_content
    length = len(cms.ContentInfo.load(content).dump())
    known = {signature.signer_cert.dump(), *(certificate.dump() for certificate in chain)}
    carried = {choice.chosen.dump() for choice in signature.signed_data["certificates"]}
    plain = pdf[first:second] == b"<" + content.hex().upper().encode() + b">"
    return plain and not content[length:].strip(b"\0") and carried <= known


def _unchanged(status: PdfSignatureStatus) -> bool:
    """Judged by the bottom line: an intact hash alone does not see what an incremental update added."""
    return bool(status.bottom_line) or (status.intact and status.docmdp_ok is True and not status.trusted)


def _is_revoked(serial: str, at: datetime | None, revoked: Mapping[str, str]) -> bool:
    since = revoked.get(serial)
    return since is not None and (at is None or at >= datetime.fromisoformat(since))


def _weigh(pdf: bytes, signatures: list[EmbeddedPdfSignature], seals: tuple[SealFact, ...], empty: int) -> Verdict:
    if not any(seal.trusted for seal in seals):
        if all(seal.intact for seal in seals):
            finding = "印章不是本市签发的证书盖的，本系统不认识。这不等于文件是假的，请向发文单位核实。"
            return Verdict(Outcome.UNKNOWN, seals, findings=(finding,))
        return Verdict(Outcome.ALTERED, seals, findings=("盖章的内容和文件现在的内容对不上。不要据此办理。",))
    if not all(seal.intact and seal.unchanged_since for seal in seals):
        changes = tuple(islice(_changes(pdf, signatures[-1]), MOST_CHANGES))
        return Verdict(Outcome.ALTERED, seals, changes, ("盖章之后有人改过。不要据此办理。",))
    if empty:  # a joint issue cut back to before its last seals is whole by every hash
        finding = f"这份文件应当盖{len(seals) + empty}个章，现在只有{len(seals)}个，是没盖完或被截短的。不要据此办理。"
        return Verdict(Outcome.ALTERED, seals, findings=(finding,))
    if any(seal.revoked for seal in seals):
        finding = "盖章用的证书在盖章前已经吊销，这个章无效。请向发文单位核实。"
        return Verdict(Outcome.ALTERED, seals, findings=(finding,))
    return Verdict(Outcome.GENUINE, seals, findings=("盖章后没有改过一个字。",))


def _pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [document[i].get_textpage().get_text_bounded() for i in range(min(len(document), MOST_PAGES))]
    finally:
        document.close()


def _changes(pdf: bytes, signature: EmbeddedPdfSignature) -> Iterator[Change]:
    """Lines that differ between the sealed revision and the file as it is, page by page."""
    _, _, second, length = signature.byte_range
    sealed = pdf[: second + length]
    if len(sealed) == len(pdf):
        return
    before, after = _pages(sealed), _pages(pdf)
    for page in range(max(len(before), len(after))):
        old = before[page].splitlines() if page < len(before) else []
        new = after[page].splitlines() if page < len(after) else []
        gone, come = [s for s in old if s not in new], [s for s in new if s not in old]
        for i in range(max(len(gone), len(come))):
            yield Change(page + 1, gone[i] if i < len(gone) else "", come[i] if i < len(come) else "")


def revisions(pdf: bytes) -> tuple[bytes, ...]:
    """The file as it was after each of its seals, the last one first: what was sealed before somebody added to it."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        ends = {s.byte_range[2] + s.byte_range[3] for s in reader.embedded_regular_signatures}
    except Exception:
        return ()
    return tuple(pdf[:end] for end in sorted(ends, reverse=True) if 0 < end <= len(pdf))[:MOST_REVISIONS]
