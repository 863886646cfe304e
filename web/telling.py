"""What an event is called in plain words; a kind that has no words yet is still shown, as a record."""

from web.texts import MissingText, text


def event_name(kind: str) -> str:
    """The name of an event for people."""
    try:
        return text(f"event.{kind}")
    except MissingText:
        return text("event.OTHER")
