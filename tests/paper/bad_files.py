"""Bad files with the rule that refuses each; everything here is built on the spot."""

# ruff: noqa: E501 - a table: one bad file a line

from collections.abc import Callable
from xml.sax.saxutils import escape

from tests.paper import makers as m

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + f']><w:document xmlns:w="{m.W}"><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>'
)
OUTSIDE_ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    f'<w:document xmlns:w="{m.W}"><w:body><w:p><w:r><w:t>A&e;B</w:t></w:r></w:p></w:body></w:document>'
)


MB = 1 << 20


def _long_xml() -> bytes:
    return b"<a>" + b"x" * (16 * MB) + b"</a>"


def _linking(kind: str, target: str, mode: str = "External") -> bytes:
    return m.docx(extra={"word/_rels/document.xml.rels": m.relations((kind, target, mode))})


def _typed(main: str) -> bytes:
    return m.docx(extra={"[Content_Types].xml": m.content_types(main)})


def _field(code: str) -> bytes:
    run = f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{code}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    return m.docx(m.BODY + run)


def _instruction(*pieces: str) -> str:
    return "".join(f'<w:r><w:instrText xml:space="preserve">{escape(p)}</w:instrText></w:r>' for p in pieces)


CONTAINERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty file": ("empty", lambda: b""),
    "a program": ("type", lambda: b"MZ\x90\0" + bytes(200)),
    "plain text": ("type", lambda: "关于防汛的通知".encode()),
    "a web page": ("type", lambda: b"<html><script>alert(1)</script></html>"),
    "rich text": ("type", lambda: b"{\\rtf1\\ansi{\\object}}"),
    "GIF": ("type", lambda: b"GIF89a" + bytes(40)),
    "old .doc": ("legacy_doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "DOCX with a password": (
        "encrypted",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(50),
    ),
    "OFD": ("ofd", lambda: m.zipped({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<D/>"})),
    "an ordinary ZIP": ("type", lambda: m.zipped({"a.txt": b"a"})),
    "cut ZIP": ("zip_broken", lambda: m.docx()[:-60]),
    "ZIP with a broken checksum": ("zip_broken", lambda: m.docx().replace(b"PK\x03\x04", b"PK\x03\x04", 1)[:-30] + bytes(30)),
    "too many entries": ("zip_entries", lambda: m.zipped([(f"word/x{n}.txt", b"") for n in range(2_001)])),
    "4 M empty paragraphs": ("xml_elements", lambda: m.empty_paragraphs(4_000_000)),
    "300,001 elements": ("xml_elements", lambda: m.docx("".join(f"<w:p><!--{n * 7919:x}--></w:p>" for n in range(300_001)))),
    "deep nesting": ("xml_elements", lambda: m.docx("<w:sdt>" * 250 + "</w:sdt>" * 250)),
    "entry over 50 MB": ("zip_entry", lambda: m.zipped({**m.parts(), "word/media/a.bmp": bytes(50 * MB + 1)}, stored=True)),
    "part over 16 MB": ("zip_entry", lambda: m.zipped({**m.parts(), "customXml/a.xml": _long_xml()}, stored=True)),
    "more than 100 MB": (
        "zip_total", lambda: m.zipped({**m.parts(), **{f"word/media/{n}.bmp": bytes(50 * MB) for n in range(3)}}, stored=True)
    ),
    "ratio over 100": ("zip_ratio", lambda: m.docx(extra={"word/media/a.bmp": b"\0" * (4 << 20)})),
    "a directory that lies": ("zip_broken", m.lying_size),
    "path above the root": ("zip_name", lambda: m.docx(extra={"../../evil.xml": "<a/>"})),
    "absolute path": ("zip_name", lambda: m.docx(extra={"/etc/evil.xml": "<a/>"})),
    "backslash path": ("zip_name", lambda: m.docx(extra={"word\\evil.xml": "<a/>"})),
    "same name twice": ("zip_duplicate", lambda: m.zipped([*m.parts().items(), ("WORD/document.xml", b"<a/>")])),
    "symbolic link": ("zip_link", lambda: m.linked("word/link.xml")),
    "encrypted entry": ("encrypted", m.flagged_encrypted),
    "archive inside": ("zip_nested", lambda: m.docx(extra={"word/media/a.zip": m.zipped({"a": b"a"})})),
    "archive in disguise": ("zip_nested", lambda: m.docx(extra={"word/media/a.png": m.zipped({"a": b"a"})})),
    "billion laughs": ("xml_doctype", lambda: m.docx(extra={"word/document.xml": LAUGHS})),
    "external entity": ("xml_doctype", lambda: m.docx(extra={"word/document.xml": OUTSIDE_ENTITY})),
    "DOCTYPE in a property": (
        "xml_doctype", lambda: m.docx(extra={"docProps/app.xml": "<!DOCTYPE a SYSTEM 'http://x.test/a.dtd'><a/>"})
    ),
    "broken XML": ("xml_broken", lambda: m.docx(extra={"word/document.xml": "<w:document>"})),
    "macro part": ("docx_macro", lambda: m.docx(extra={"word/vbaProject.bin": b"\0\1"})),
    "macro type": ("docx_macro", lambda: _typed("application/vnd.ms-word.document.macroEnabled.main+xml")),
    "spreadsheet": (
        "docx_main", lambda: _typed("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml")
    ),
    "template": (
        "docx_main", lambda: _typed("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml")
    ),
    "no main part": ("docx_main", lambda: m.docx(extra={"_rels/.rels": m.relations()})),
    "two main parts": (
        "docx_main",
        lambda: m.docx(
            extra={
                "_rels/.rels": m.relations(
                    ("officeDocument", "word/document.xml", ""), ("officeDocument", "word/b.xml", "")
                )
            }
        ),
    ),
    "OLE part": ("docx_object", lambda: m.docx(extra={"word/embeddings/oleObject1.bin": b"\0\1"})),
    "OLE element": ("docx_object", lambda: m.docx(m.BODY + '<w:p><w:r><w:object><w:OLEObject/></w:object></w:r></w:p>')),
    "ActiveX": ("docx_object", lambda: m.docx(extra={"word/activeX/activeX1.xml": "<a/>"})),
    "altChunk": ("docx_outside", lambda: m.docx('<w:altChunk r:id="rId1"/>' + m.BODY)),
    "subdocument": ("docx_outside", lambda: m.docx('<w:p><w:subDoc r:id="rId1"/></w:p>' + m.BODY)),
    "subdocument relation": ("docx_outside", lambda: _linking("subDocument", "b.docx")),
    "frame page": ("docx_outside", lambda: m.docx(extra={"word/webSettings.xml": m.part("webSettings", "<w:frameset/>")})),
    "template from the web": ("docx_outside", lambda: _linking("attachedTemplate", "http://x.test/t.dotm")),
    "template from a share": ("docx_outside", lambda: _linking("attachedTemplate", "file://///server/t.dotm")),
    "template by a share path": ("docx_outside", lambda: _linking("attachedTemplate", "\\\\server\\t.dotm")),
    "picture from the web": ("docx_outside", lambda: _linking("image", "http://x.test/a.png")),
    "picture from a drive": ("docx_outside", lambda: _linking("image", "file:///C:\\secret.png")),
    "link that runs": ("docx_outside", lambda: _linking("hyperlink", "javascript:alert(1)")),
    "link to a share": ("docx_outside", lambda: _linking("hyperlink", "file://server/a.docx")),
    "way out of the package": ("docx_outside", lambda: _linking("image", "../../../etc/passwd", "")),
    "DDE field": ("docx_field", lambda: _field(_instruction("DDEAUTO c:\\\\windows\\\\cmd.exe"))),
    "DDE in pieces": ("docx_field", lambda: _field(_instruction(" DD", "EA", "UTO c:\\\\cmd.exe"))),
    "text from elsewhere": ("docx_field", lambda: _field(_instruction(' INCLUDETEXT "http://x.test/a"'))),
    "picture field": ("docx_field", lambda: _field(_instruction(' INCLUDEPICTURE "http://x.test/a.png"'))),
    "simple field": ("docx_field", lambda: m.docx(m.BODY + '<w:p><w:fldSimple w:instr="DDE excel a b"/></w:p>')),
    "cut PDF": ("pdf_broken", lambda: b"%PDF-1.7\n1 0 obj\n<<"),
    "PDF with a password": (
        "encrypted",
        lambda: m.pdf(
            objects=[f"<< /Filter /Standard /V 1 /R 2 /P -44 /O <{'41' * 32}> /U <{'42' * 32}> >>"],
            trailer=f"/Encrypt 10 0 R /ID [<{'41' * 16}> <{'41' * 16}>]",
        ),
    ),
    "script at opening": ("pdf_javascript", lambda: m.pdf(catalog="/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
    "script by name": ("pdf_javascript", lambda: m.pdf(catalog="/Names << /JavaScript << /Names [(a) 10 0 R] >> >>", objects=["<< >>"])),
    "script nobody points to": ("pdf_javascript", lambda: m.pdf(objects=["<< /S /JavaScript /JS (1) >>"])),
    "additional action": ("pdf_action", lambda: m.pdf(page="/AA << /O << /S /Named >> >>")),
    "launch": ("pdf_launch", lambda: m.pdf(page="/Annots [10 0 R]", objects=["<< /Subtype /Link /A << /S /Launch /F (cmd.exe) >> >>"])),
    "opens another file": ("pdf_action", lambda: m.pdf(catalog="/OpenAction << /S /GoToR /F (a.pdf) >>")),
    "opens an address": ("pdf_action", lambda: m.pdf(catalog="/OpenAction << /S /URI /URI (http://x.test) >>")),
    "script link": ("pdf_action", lambda: m.pdf(page="/Annots [10 0 R]", objects=["<< /A << /S /URI /URI (javascript:1) >> >>"])),
    "file inside": ("pdf_embedded", lambda: m.pdf(catalog="/Names << /EmbeddedFiles << /Names [] >> >>")),
    "file pinned to a page": ("pdf_embedded", lambda: m.pdf(page="/Annots [10 0 R]", objects=["<< /Subtype /FileAttachment >>"])),
    "rich media": ("pdf_media", lambda: m.pdf(page="/Annots [10 0 R]", objects=["<< /Subtype /RichMedia >>"])),
    "XFA form": ("pdf_xfa", lambda: m.pdf(catalog="/AcroForm << /XFA [] /Fields [] >>")),
    "form that sends": ("pdf_action", lambda: m.pdf(objects=["<< /S /SubmitForm /F (http://x.test) >>"])),
    "page tree in a loop": ("pdf_loop", m.looping_pdf),
    "picture of 90 M pixels": ("picture_pixels", lambda: m.png(10_000, 9_001)),
    "cut picture": ("picture_broken", lambda: m.png(40, 40)[:60]),
}  # fmt: skip


def _header(text: str) -> bytes:
    return m.docx(
        extra={
            "word/header1.xml": m.part("hdr", m.paragraph(text)),
            "word/_rels/document.xml.rels": m.relations(("header", "header1.xml", "")),
        }
    )


def _property(file: str, inner: str) -> bytes:
    return m.docx(extra={f"docProps/{file}.xml": f"<p>{inner}</p>"})


SECRET = "机密★1年"
_BOX = f"<w:p><w:r><w:pict><w:txbxContent>{m.paragraph('机')}{m.paragraph('密')}{m.paragraph('★')}</w:txbxContent></w:pict></w:r></w:p>"
MARKS: dict[str, Callable[[], bytes]] = {
    "正文": lambda: m.docx(m.paragraph("000001") + m.paragraph(SECRET) + m.BODY),
    "正文 in pieces": lambda: m.docx(
        "<w:p>" + "".join(f"<w:r><w:t>{c}</w:t></w:r>" for c in SECRET) + "</w:p>" + m.BODY
    ),
    "正文 with a symbol": lambda: m.docx(
        '<w:p><w:r><w:t>机密</w:t></w:r><w:r><w:sym w:font="Wingdings" w:char="F0AB"/></w:r></w:p>' + m.BODY
    ),
    "正文 in a cell": lambda: m.docx(m.table(("密级", "机密"), ("期限", "1年")) + m.BODY),
    "页眉": lambda: _header(SECRET),
    "页眉 as a watermark": lambda: m.docx(
        extra={
            "word/header1.xml": m.part(
                "hdr", '<w:p><w:r><w:pict><w:shape id="a"><w:textpath string="机密"/></w:shape></w:pict></w:r></w:p>'
            )
        }
    ),
    "页眉 with a symbol": lambda: m.docx(
        extra={
            "word/header1.xml": m.part("hdr", '<w:p><w:r><w:t>机密</w:t></w:r><w:r><w:sym w:char="F0AB"/></w:r></w:p>')
        }
    ),
    "页脚": lambda: m.docx(extra={"word/footer1.xml": m.part("ftr", m.paragraph(SECRET))}),
    "文本框": lambda: m.docx(_BOX + m.BODY),
    "批注": lambda: m.docx(
        extra={"word/comments.xml": m.part("comments", f"<w:comment>{m.paragraph('密级：机密')}</w:comment>")}
    ),
    "脚注": lambda: m.docx(
        extra={"word/footnotes.xml": m.part("footnotes", f"<w:footnote>{m.paragraph(SECRET)}</w:footnote>")}
    ),
    "已删除的修订文字": lambda: m.docx(
        f'<w:p><w:del w:id="1"><w:r><w:delText>{SECRET}</w:delText></w:r></w:del></w:p>' + m.BODY
    ),
    "隐藏文字": lambda: m.docx(f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{SECRET}</w:t></w:r></w:p>" + m.BODY),
    "文件属性": lambda: _property("core", f"<title>{SECRET}</title>"),
    "文件属性 custom": lambda: _property("custom", '<property name="密级"><lpwstr>机密</lpwstr></property>'),
    "附加数据": lambda: m.docx(extra={"customXml/item1.xml": f"<a><b>{SECRET}</b></a>"}),
    "正文 of a PDF": lambda: m.pdf(f"{SECRET}\n关于防汛工作的通知"),
    "文件属性 of a PDF": lambda: m.pdf(objects=[f"<< /Title {m.utf16(SECRET)} >>"], trailer="/Info 10 0 R"),
    "文件属性 in XMP": lambda: m.pdf(
        catalog="/Metadata 10 0 R",
        objects=[
            m.stream(f"<x><dc:title><rdf:li>{SECRET}</rdf:li></dc:title></x>".encode(), "/Type /Metadata /Subtype /XML")
        ],
    ),
    "批注、书签或表单 as a note": lambda: m.pdf(
        page="/Annots [10 0 R]", objects=[f"<< /Subtype /Text /Contents {m.utf16(SECRET)} >>"]
    ),
    "批注、书签或表单 as a bookmark": lambda: m.pdf(objects=[f"<< /Title {m.utf16('绝密★长期')} >>"]),
    "批注、书签或表单 as a stamp": lambda: m.pdf(
        page="/Annots [10 0 R]", objects=["<< /Subtype /Stamp /AP << /N 11 0 R >> >>", *m.drawn(SECRET)]
    ),
    "正文 in a form of a PDF": lambda: m.pdf(
        contents="/X1 Do", resources="/XObject << /X1 11 0 R >>", objects=["<< >>", *m.drawn(SECRET)]
    ),
    "图片说明": lambda: m.png(20, 20, {"Comment": SECRET}),
}
