"""The owner of one room: one task, one bounded inbox, everything in one order."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, Self, assert_never

from office.domain.errors import OfficeError, TooBusy
from office.store.database import Database
from office.store.work import Work
from rtc.domain.room_commands import RoomCommand
from rtc.domain.room_commands import Tick as TimePassed
from rtc.domain.venue import Device, Participant, Venue
from rtc.engine.control import Notes
from rtc.engine.port import MediaEngine
from rtc.live import doorman, notes, requests
from rtc.live.due import due
from rtc.live.entries import BallotMoved, EngineTurned, Entry, Join, Leave, Noted, Reload, SaidBy, Sync, Tick
from rtc.live.inbox import Inbox
from rtc.live.live_room import MOST_AT_VENUE, LiveRoom
from rtc.live.messages import (
    BY_CHAIR,
    BallotNow,
    Beat,
    Bye,
    ChatLine,
    Do,
    EngineState,
    OnAirNow,
    React,
    Roster,
    Said,
    View,
)  # fmt: skip
from rtc.live.presence_log import PresenceLog
from rtc.live.reconciler import Reconciler
from rtc.live.saying import sentence
from rtc.live.seats import COME_BACK, DISPLACED, NOT_INVITED, RESTART, Seat
from rtc.service import chat, presence, rooms
from rtc.service.rooms import Act, Acted
from rtc.store.presence import Joined, of_meeting
from rtc.store.rooms import StoredRoom

log = logging.getLogger("yiwang.rooms")

TICK: Final = 0.2  # seconds; roster deltas are joined for that long
STAGE_AFTER: Final = 0.1  # seconds a change may wait for others before the engine hears of it
TICKS_A_WRITE, TICKS_A_BEAT = 5, 50  # presence: comings and goings each second, signs of life each ten
TICKS_A_LOOK: Final = 150  # half a minute: whether venues or the room changed past this hub
EMPTY_FOR: Final = 60.0  # seconds until a room without anybody is closed
SLOW: Final = 0.25  # seconds; an entry that takes longer is logged
NOTHING_DUE: Final = 5.0  # seconds of rest after the clock had nothing to decide though something was due
MANY: Final = TooBusy("会场里的操作太多，这一次没有办。请过几秒再按。")


class RoomOwner:
    """Serves one room. Post to it; it answers through the seats."""

    def __init__(self, db: Database, live: LiveRoom) -> None:
        self.db, self.live = db, live
        self.inbox: Inbox[Entry] = Inbox()
        self._presence = PresenceLog(db)
        self.failed = 0  # entries that broke; a fault of ours each time
        self._ticks = 0
        self._staged = 0.0
        self._rest_until = 0.0
        self._empty_since = asyncio.get_running_loop().time()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, db: Database, engine: MediaEngine, meeting_id: int) -> Self:
        """Load the room from its row and begin."""
        reconciler = Reconciler(
            str(meeting_id), engine,
            lost=lambda: owner.inbox.must(EngineTurned(up=False)), back=lambda: owner.inbox.must(EngineTurned(up=True)),
        )  # fmt: skip
        stored, venues, lines, been = await db.read(_load, meeting_id)
        await db.write(presence.reopened, meeting_id)
        live = LiveRoom(meeting_id, stored.room, venues, reconciler, db.now)
        owner = cls(db, live)
        live.chat.extend(map(chat_line, lines))
        live.been.update(been)
        owner.start()
        return owner

    def start(self) -> None:
        """Begin to serve."""
        self.live.engine.start()
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._time())]

    async def close(self) -> None:
        """Send everyone away to come back, write who was here, forget the room in the engine."""
        for task in (*self._tasks, *self.live.tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self.live.tasks, return_exceptions=True)
        self.live.say_goodbye(Bye("服务正在重新启动，画面马上回来。", again=True), RESTART)
        for seat_id in self.live.seats:
            self._presence.leave(seat_id)
        await self._write_presence(beat=False)
        await self.live.engine.close()

    @property
    def idle(self) -> bool:
        """Whether nobody has been here for a minute."""
        here = bool(self.live.seats) or len(self.inbox) > 0
        return not here and asyncio.get_running_loop().time() - self._empty_since > EMPTY_FOR

    # --- what may be posted

    def post(self, entry: Entry) -> None:
        """An entry that must not be lost."""
        self.inbox.must(entry)

    def say(self, seat: Seat, said: Said) -> None:
        """What a page said: chatter may be lost, the chair's commands never are, too much else is refused."""
        entry = SaidBy(seat, said)
        if isinstance(said, React | View | Beat):
            self.inbox.chatter(entry)
        elif isinstance(said, Do) and said.command in BY_CHAIR and seat.venue_id == self.live.room.chair.holder:
            self.inbox.must(entry)
        elif not self.inbox.put(entry):
            requests.refuse(seat, said, MANY)

    def note(self, note: Notes) -> None:
        """What the engine said of this room."""
        self.inbox.must(Noted(note))

    async def settle(self) -> None:
        """Wait until everything posted so far was dealt with."""
        done = asyncio.Event()
        self.inbox.must(Sync(done.set))
        await done.wait()

    # --- the task

    async def _time(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.inbox.must(Tick())

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            entry = await self.inbox.get()
            began = clock()
            try:
                await self._take(entry)
                self._follow(clock())
            except Exception:
                self.failed += 1
                log.exception("room %s: %s failed; the room goes on", self.live.meeting_id, type(entry).__name__)
            if clock() - began > SLOW:
                took = clock() - began
                log.warning("room %s: %s took %.2f s", self.live.meeting_id, type(entry).__name__, took)

    def _follow(self, now: float) -> None:
        """What an entry brings with it: goodbyes after the answer, and the engine once nothing else waits."""
        if self.live.unchecked:
            for seat in self.live.put_out():
                self._presence.leave(seat.id)
        if self.live.unstaged and (not len(self.inbox) or now - self._staged > STAGE_AFTER):
            self._staged = now
            self.live.stage()

    async def _take(self, entry: Entry) -> None:
        match entry:
            case SaidBy(seat, said):
                await self._hear(seat, said)
            case Join(seat, again):
                if seat.venue_id not in self.live.venues:
                    await self._reload()  # it was invited after the room was opened
                self._join(seat, again=again)
            case Leave(seat):
                self._leave(seat)
            case Tick():
                await self._tick()
            case Reload():
                await self._reload()
            case _:
                self._learn(entry)

    def _learn(self, entry: Noted | EngineTurned | BallotMoved | Sync) -> None:
        match entry:
            case Noted(note):
                notes.take(self.live, note)
            case EngineTurned(up):
                self.live.turn(up=up)
            case BallotMoved(ballot):
                self.live.ballots[ballot["id"]] = ballot
                self.live.next_seq()
                self.live.tell_all(BallotNow(ballot))
            case Sync(done):
                done()
            case _:
                assert_never(entry)

    async def _hear(self, seat: Seat, said: Said) -> None:
        if self.live.seats.get(seat.id) is not seat:
            return  # it was put out while this waited
        self.live.devices.hear(seat.id, self.live.now())
        try:
            await requests.take(self, seat, said)
        except OfficeError as error:
            requests.refuse(seat, said, error)

    # --- coming and going

    def _join(self, seat: Seat, *, again: bool) -> None:
        live = self.live
        bye = doorman.refusal(
            live.room, live.venues.get(seat.venue_id), been=live.been, organiser=seat.who.organiser
        ) or self._crowded(seat)  # fmt: skip
        if bye is not None:
            seat.outbox.close(NOT_INVITED, bye)
            return
        before = live.seats.pop(seat.id, None)
        if before is not None:
            before.outbox.close(DISPLACED, Bye("这个会场页面在另一个窗口打开了，这里不再更新。", again=False))
            self._presence.leave(seat.id)
        known = live.admit(seat)
        self._presence.join(seat.id, Joined(live.meeting_id, seat.venue_id, seat.who.person_id, seat.device))
        if known and not again:
            live.engine.renew(seat.id)
        live.welcome(seat)
        if (again and not known) or not live.engine_up:
            seat.tell(EngineState(up=live.engine_up))  # what it had in the engine is gone: publish anew

    def _crowded(self, seat: Seat) -> Bye | None:
        if seat.id in self.live.devices or len(self.live.devices.at(seat.venue_id)) < MOST_AT_VENUE:
            return None
        return Bye(f"您的会场已经打开了 {MOST_AT_VENUE} 个页面。请关掉不用的再进来。", again=False)

    def _leave(self, seat: Seat) -> None:
        if self.live.seats.get(seat.id) is seat:
            del self.live.seats[seat.id]
            self.live.devices.lose(seat.id, self.live.now())
            self._presence.leave(seat.id)
            if not self.live.seats:
                self._empty_since = asyncio.get_running_loop().time()

    # --- deciding

    async def act(self, command: RoomCommand, by: Participant | None) -> Acted:
        """Decide and keep, then tell everyone. The engine hears of it after this entry."""
        house = self.live.house
        acted = await self.db.write(rooms.act, Act(self.live.meeting_id, command, house.online, house.venues), by)
        said = sentence(acted.events, self.live.venues)
        self.live.moved(acted.after, said, by)
        return acted

    async def _tick(self) -> None:
        now, clock = self.live.now(), asyncio.get_running_loop().time()
        self._expire()
        if due(self.live.room, now) and clock >= self._rest_until:
            acted = await self.act(TimePassed(), None)
            if not acted.events:
                self._rest_until = clock + NOTHING_DUE
        deltas = self.live.roster.deltas()
        if deltas:
            self.live.tell_all(Roster(self.live.next_seq(), deltas))
        self._ticks += 1
        if self._ticks % TICKS_A_LOOK == 0:
            await self._reload()
        beat = self._ticks % TICKS_A_BEAT == 0
        if beat or (self._ticks % TICKS_A_WRITE == 0 and self._presence.pending):
            await self._write_presence(beat=beat)

    def _expire(self) -> None:
        """Devices that fell silent or stayed away: their places go to the next of their venue."""
        live, now = self.live, self.live.now()
        for device_id in live.devices.silent(now):
            seat = live.seats.get(device_id)
            if seat is not None:
                seat.outbox.drop(COME_BACK)
                self._leave(seat)
        gone, heirs = live.devices.expire(now)
        for device in gone:
            live.forget(device)
        for heir in heirs:
            self.on_air(heir)
        if gone:
            live.place()

    def on_air(self, device: Device) -> None:
        """A device is on air now: tell its page."""
        self.live.roster.touch(device.venue_id)
        self.live.unstaged = True
        seat = self.live.seat_of(device)
        if seat is not None:
            seat.tell(OnAirNow())

    async def _write_presence(self, *, beat: bool) -> None:
        try:
            await self._presence.flush(beat=beat)
        except OfficeError as error:
            log.warning("room %s: presence is written later: %s", self.live.meeting_id, error.code)

    async def _reload(self) -> None:
        """See what changed past this hub: venues invited or taken off, acts of another server."""
        stored, venues, _, _ = await self.db.read(_load, self.live.meeting_id)
        other = dict(venues) != dict(self.live.venues)
        self.live.roster.venues = venues
        if stored.room != self.live.room:
            self.live.moved(stored.room, "", None)
        if other:
            self.live.unstaged = self.live.unchecked = True
            self.live.greet_again()


def chat_line(line: chat.Line) -> ChatLine:
    """A kept line as pages get it."""
    return ChatLine(line.id, line.at, line.venue_id or 0, f"{line.person}（{line.venue}）", line.text)


def _load(work: Work, meeting_id: int) -> tuple[StoredRoom, Mapping[int, Venue], tuple[chat.Line, ...], frozenset[int]]:
    """The room, its venues, the last lines of its chat, and who has been in it before."""
    stays = of_meeting(work, meeting_id)
    return (
        rooms.load(work, meeting_id), rooms.house(work, meeting_id), chat.recent(work, meeting_id),
        frozenset(stay.venue_id for stay in stays),
    )  # fmt: skip
