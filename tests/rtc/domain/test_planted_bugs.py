"""Mistakes planted in the domain of rooms one after another: the named machine must find each within its first runs.

A mistake that survives fails here; so does one whose place in the source has changed.
"""

from dataclasses import dataclass
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from rtc.domain import calling, chairing, evolving, rotating, speaking, staging
from tests.domain.planting import plant
from tests.rtc.domain.test_chair_machine import ChairMachine
from tests.rtc.domain.test_roll_call_machine import RollCallMachine
from tests.rtc.domain.test_room_machine import RoomMachine
from tests.rtc.domain.test_rotation_machine import RotationMachine

EXAMPLES = 400


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a tired person might have written, and who should notice."""

    name: str
    machine: type[RuleBasedStateMachine]
    module: ModuleType
    function: str
    right: str
    wrong: str


MISTAKES = (
    Mistake("a deputy gets the number of the one before", ChairMachine, chairing, "grant",
            "room.chair.fence + 1", "room.chair.fence + (reason != 'lapsed')"),
    Mistake("an old number commands", ChairMachine, chairing, "must_hold",
            "by.fence != chair.fence and by.fence", "by.fence > chair.fence"),
    Mistake("any person of the venue commands", ChairMachine, chairing, "must_hold",
            "chair.holder_person != by.person_id", "chair.holder_person == 0"),
    Mistake("a deputy who is not here takes over", ChairMachine, chairing, "_deputy",
            "deputy in house.online and", "deputy is not None and"),
    Mistake("a lease ends a moment late", ChairMachine, chairing, "lapse",
            "not chair.lapsed(at)", "chair.until is None or at <= chair.until"),
    Mistake("a venue opens itself against the chair", RoomMachine, speaking, "own_microphone",
            "by.venue_id in room.held_mute or not", "not"),
    Mistake("after the floor everyone may speak", RoomMachine, evolving, "_floor_ended",
            "room.floor.before if", "frozenset() if"),
    Mistake("the media forgets who is silent", RoomMachine, staging, "_allowed",
            "if venue_id not in room.muted:", "if venue_id not in room.deafened:"),
    Mistake("who was put out is still forwarded", RoomMachine, staging, "inside",
            "venue is None or venue_id in room.removed", "venue is None"),
    Mistake("undoing a mute opens who was silent before", RoomMachine, speaking, "mute",
            "_reached(group, house) if group != Group() else frozenset()", "_reached(Group(everyone=True), house)"),
    Mistake("a correction rewrites the sheet", RollCallMachine, calling, "mark_by_hand",
            "if sheet.closed:", "if sheet.closed and not command.reason:"),
    Mistake("the roll call skips a line", RollCallMachine, calling, "answer",
            "sheet.position + 1", "sheet.position + 2"),
    Mistake("a venue that is not here is called", RollCallMachine, calling, "go_on",
            "and line.venue_id in house.online", ""),
    Mistake("another answers for the called one", RollCallMachine, calling, "answer",
            "called_venue(room) != by.venue_id", "called_venue(room) is None"),
    Mistake("the rotation ignores who left", RotationMachine, rotating, "lapse",
            "rotation.showing not in house.online", "rotation.showing is None"),
    Mistake("another than the one that was fetched is shown", RotationMachine, rotating, "_moved",
            "following or after(", "after("),
    Mistake("the rotation moves while somebody speaks", RotationMachine, rotating, "lapse",
            "if due and room.floor is None:", "if due:"),
    Mistake("a changed list begins anew", RotationMachine, rotating, "start",
            "running.showing in venues", "running.showing is None"),
)  # fmt: skip


def run(machine: type[RuleBasedStateMachine], examples: int) -> None:
    """Without shrinking: only whether it finds something."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, phases=[Phase.generate], database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def planted(monkeypatch: pytest.MonkeyPatch, mistake: Mistake, wrong: str) -> None:
    """Also in the table that holds the function itself."""
    sound = getattr(mistake.module, mistake.function)
    plant(monkeypatch, mistake.module, mistake.function, mistake.right, wrong)
    for key, value in list(evolving._APPLY.items()):
        if value is sound:
            monkeypatch.setitem(evolving._APPLY, key, getattr(mistake.module, mistake.function))


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_found(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, mistake, mistake.wrong)
    with pytest.raises(AssertionError):
        run(mistake.machine, EXAMPLES)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_planting_the_sound_source_again_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for mistake in {(m.module.__name__, m.function): m for m in MISTAKES}.values():
        planted(monkeypatch, mistake, mistake.right)
    for machine in (ChairMachine, RollCallMachine, RotationMachine, RoomMachine):
        run(machine, 20)
