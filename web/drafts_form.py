"""The draft editor's fields to a content and back."""

import re
from collections.abc import Mapping
from dataclasses import replace

from office.domain import body
from office.domain.document import Attendance, Content, Kind, Layout, Urgency
from office.domain.errors import Invalid
from office.domain.organs import Level
from web.forms import Form

_PEOPLE = re.compile(r"[、，,;；\s]+")
MOST_PEOPLE = 300


def content_of(form: Form, now: Content) -> Content:
    """`now` with every field that was sent; Invalid for a choice that is not on the list."""
    try:
        kind = Kind(form.get("kind")) if form.has("kind") else now.kind
        urgency = Urgency(form.get("urgency")) if form.has("urgency") else now.urgency
        layout = Layout(form.get("layout")) if form.get("layout") else now.layout
        reach = _reach(form) if form.has("reach") else now.reach
    except ValueError:
        raise Invalid("选项不在清单里。请刷新后再选。") from None
    return replace(
        now,
        kind=kind,
        urgency=urgency,
        layout=layout,
        reach=reach,
        title=_line(form, "title", now.title),
        principal_text=_line(form, "principal_text", now.principal_text),
        copy_text=_line(form, "copy_text", now.copy_text),
        note=_line(form, "note", now.note).removeprefix("（").removesuffix("）"),
        body=body.parse(form.all("body")[0]) if form.has("body") else now.body,
        attendance=_attendance(form, now.attendance),
        amount_yuan=(form.number("amount_yuan") or 0) if form.has("amount_yuan") else now.amount_yuan,
    )


def _line(form: Form, name: str, now: str) -> str:
    """One line: breaks that a browser's field allows become nothing (Chinese needs no space there)."""
    return "".join(form.get(name).splitlines()) if form.has(name) else now


def _reach(form: Form) -> Level | None:
    return Level(int(form.get("reach"))) if form.get("reach") else None


def _attendance(form: Form, now: Attendance) -> Attendance:
    def people(name: str, held: tuple[str, ...]) -> tuple[str, ...]:
        if not form.has(name):
            return held
        return tuple(one for one in _PEOPLE.split(form.get(name)) if one)[:MOST_PEOPLE]

    return Attendance(
        people("present", now.present), people("excused", now.excused), people("observing", now.observing)
    )


def fields_of(content: Content) -> Mapping[str, str]:
    """What the editor shows of a content, field by field."""
    people = content.attendance
    return {
        "kind": content.kind.value,
        "urgency": content.urgency.value,
        "layout": content.layout.value,
        "reach": str(int(content.reach)) if content.reach is not None else "",
        "title": content.title,
        "principal_text": content.principal_text,
        "copy_text": content.copy_text,
        "note": content.note,
        "body": body.render(content.body),
        "amount_yuan": str(content.amount_yuan or ""),
        "present": "、".join(people.present),
        "excused": "、".join(people.excused),
        "observing": "、".join(people.observing),
    }
