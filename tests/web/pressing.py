"""Pages as people use them: the forms that stand on a page, what each lets one choose, and pressing its button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from typing_extensions import override

from tests.web.conftest import Client


@dataclass(slots=True)
class Field:
    """One control: the values it allows (None: free text) and what it sends untouched."""

    name: str
    allowed: list[str] | None
    chosen: list[str]
    needed: bool = False


@dataclass(slots=True)
class PageForm:
    """A form, and the slip (dialog) it stands on."""

    action: str
    slip: str
    fields: dict[str, Field] = field(default_factory=dict)

    def filled(self, choices: dict[str, str | list[str]]) -> list[tuple[str, str]]:
        """What the browser would send after these choices; only what the form really offers can be chosen."""
        sent = {name: list(one.chosen) for name, one in self.fields.items()}
        for name, wanted in choices.items():
            assert name in self.fields, f"{name} is not on the form {sorted(self.fields)}"
            values = [wanted] if isinstance(wanted, str) else wanted
            allowed = self.fields[name].allowed
            assert allowed is None or set(values) <= set(allowed), f"{name}: {values} not among {allowed}"
            sent[name] = values
        empty = [name for name, one in self.fields.items() if one.needed and not any(sent[name])]
        assert not empty, f"the browser would not send it without {empty}"
        return [(name, value) for name, values in sent.items() for value in values]


class Reader(HTMLParser):
    """Forms, dialogs and what opens them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.openers: set[str] = set()
        self._slip, self._select, self._area = "", "", ""
        self._form: PageForm | None = None
        self.feed(markup)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if "data-slip" in a:
            self.openers.add(a["data-slip"])
        if tag == "dialog":
            self._slip = a["id"]
        elif tag == "form" and a.get("method") == "post":
            self._form = PageForm(a["action"], self._slip)
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, a, self._form.fields)

    def _control(self, tag: str, a: dict[str, str], fields: dict[str, Field]) -> None:
        name, value = a.get("name", ""), a.get("value", "")
        if tag == "option" and self._select:
            select = fields[self._select]
            select.allowed = [*(select.allowed or []), value]
            if "selected" in a or not select.chosen:
                select.chosen = [value]
        elif tag in ("select", "textarea") and name:
            fields[name] = Field(name, [] if tag == "select" else None, [], "required" in a)
            self._select, self._area = (name, "") if tag == "select" else ("", name)
        elif tag in ("input", "button") and name:
            self._input(a, name, value, fields)

    def _input(self, a: dict[str, str], name: str, value: str, fields: dict[str, Field]) -> None:
        kind = a.get("type", "submit" if name == "then" else "text")
        if kind not in ("radio", "checkbox", "submit"):
            allowed = [value] if kind == "hidden" and name != "ink" else None
            fields[name] = Field(name, allowed, [value], "required" in a)
            return
        one = fields.setdefault(name, Field(name, [], []))
        one.allowed = [*(one.allowed or []), value]
        if "checked" in a:
            one.chosen.append(value)

    @override
    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area].chosen = [data]

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "dialog":
            self._slip = ""
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


@dataclass(slots=True)
class Page:
    """A page in somebody's browser."""

    client: Client
    path: str
    markup: str
    read: Reader

    def form(self, verb: str = "", /, *, action: str = "", **having: str) -> PageForm | None:
        """The form of that verb, or to that address, with those hidden values; None where the page has none."""
        for one in self.read.forms:
            hidden = {name: f.chosen[:1] for name, f in one.fields.items()}
            fits = all(hidden.get(name) == [value] for name, value in having.items())
            if fits and (hidden.get("verb") == [verb] if verb else one.action.endswith(action)):
                return one
        return None

    def offers(self, verb: str, **having: str) -> bool:
        """Whether there is a form of that verb that can be reached from the page."""
        found = self.form(verb, **having)
        return found is not None and (not found.slip or found.slip in self.read.openers)

    async def press(
        self, verb: str = "", having: dict[str, str] | None = None, /, *, action: str = "", **choices: str | list[str]
    ) -> str:
        """Fill in that form and send it; returns where it led."""
        found = self.form(verb, action=action, **(having or {}))
        assert found is not None, f"no form for {verb or action} on {self.path}"
        assert not found.slip or found.slip in self.read.openers, f"nothing opens the slip {found.slip}"
        return await _sent(self.client, found, choices)


async def _sent(client: Client, form: PageForm, choices: dict[str, str | list[str]]) -> str:
    answer = await client.post(form.action, data=form.filled(choices), allow_redirects=False)
    assert answer.status == 303, await answer.text()
    return str(answer.headers["Location"])


async def page_of(client: Client, path: str) -> Page:
    """The page as this client sees it."""
    answer = await client.get(path)
    markup = await answer.text()
    assert answer.status == 200, markup
    return Page(client, path, markup, Reader(markup))
