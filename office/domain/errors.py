"""The few kinds of refusal. `web/errors.py` turns each into one answer."""


class OfficeError(Exception):
    """A refusal a person can read: what happened, why, and what to do next.

    `code` names the message in the catalogue; `sentence` is Chinese and complete by itself.
    """

    status = "refused"

    def __init__(self, sentence: str, *, code: str = "", fix: str = "", article: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).__name__
        self.fix = fix
        self.article = article


class NotFound(OfficeError):
    """Absent, or not yours to see: the two look alike on purpose."""

    def __init__(self, sentence: str = "没有这份文件，或者您看不到它。") -> None:
        super().__init__(sentence)


class NotPermitted(OfficeError):
    """You see it, but this act is not yours."""


class WrongStage(OfficeError):
    """The act has no place at this point of the chain (a refused cell of the verb matrix)."""


class Stale(OfficeError):
    """Somebody else acted first; the sentence says who and what, if known."""

    def __init__(self, sentence: str = "刚才已有人办过，页面内容旧了。请刷新后再看。") -> None:
        super().__init__(sentence)


class Invalid(OfficeError):
    """What was sent cannot be accepted as it is: a missing reason, an impossible date, a broken rule."""


class RefusedFile(OfficeError):
    """A file that must not come in. `rule` is logged with the hash, never the content."""

    def __init__(self, sentence: str, *, rule: str, fix: str = "") -> None:
        super().__init__(sentence, code=rule, fix=fix)
        self.rule = rule


class TooBusy(OfficeError):
    """A bounded queue is full, or a rate limit was reached; nothing was done."""
