// The room: one state, folded from what the hub says; every region draws itself from it.
import { Bar } from "./room/bar";
import { Desk } from "./room/desk";
import { byId, h, setText, show } from "./room/dom";
import { iceReady } from "./room/ice";
import { Line } from "./room/line";
import { Local } from "./room/local";
import { Papers } from "./room/papers";
import { Publishing } from "./room/publishing";
import { Roster } from "./room/roster";
import { Side } from "./room/side";
import { Stage } from "./room/stage";
import { apply, chairs, clock, EMPTY, inspects, mayChair, nameOf, type State } from "./room/store";
import * as telling from "./room/telling";
import { venueSlip } from "./room/venue_slip";
import { Votes } from "./room/votes";
import { Watching } from "./room/watching";
import type { Told } from "./room/wire";
import { facts, t } from "./room/words";

const listening = new URLSearchParams(location.search).has("listen");
let state: State = EMPTY;
let drawing = 0;
let began = false; // the first hello was taken
let shared = false; // the room shows our screen

const line: Line = new Line(facts.meeting, () => ({ venue: facts.venue, after: state.seq, audio_only: local.audioOnly }), heard, turned);
const publishing: Publishing = new Publishing(line, trouble, draw, () => void local.shareEnded());
const watching = new Watching(line, draw, silenced, (on) => telling.notice({ id: "watching", text: t("notice_watching") }, on && state.engineUp));
const desk: Desk = new Desk(line, () => state, (id) => local.press(id));
const local: Local = new Local(line, publishing, desk, () => state, () => bar.open(), () => votes.ask(), draw);
const bar: Bar = new Bar(desk, () => state, {
  sharing: () => publishing.sharing, audioOnly: () => local.audioOnly, camera: () => publishing.has("CAMERA"), microphone: () => publishing.has("MICROPHONE"), asked: () => votes.waits(),
});
const stage = new Stage((venue, source) => watching.track(venue, source), draw);
const roster = new Roster((venue) => venueSlip(state, venue, desk, local), draw);
const side = new Side(desk, line);
const votes: Votes = new Votes(() => state, draw);
const papers = new Papers(desk, draw);

function heard(told: Told): void {
  const before = state;
  state = apply(state, told, Date.now());
  if (state.gap) {
    state = { ...state, gap: false };
    line.greet();
  }
  follow(told, before);
  draw();
}

/** What a message causes beside the new state. */
function follow(told: Told, before: State): void {
  switch (told.kind) {
    case "hello":
      return greeted();
    case "change":
      telling.announce(told.said);
      return sending();
    case "roster":
      return gone(told.venues, before);
    case "offer":
      return watching.offered(told);
    case "engine":
      telling.notice({ id: "engine", text: t("notice_engine") }, !told.up);
      if (told.up && state.you?.on_air) publishing.start();
      return;
    case "on_air":
      telling.announce(t("on_air_now"));
      return publishing.start();
    case "off_air":
      telling.announce(t("off_air_now"));
      return publishing.close();
    case "slots":
      return onScreen(before);
    case "ballot":
      if (before.ballots.get(told.ballot.id)?.stage !== told.ballot.stage) telling.announce(t(`vote_now_${told.ballot.stage}`, { question: told.ballot.question }));
      return;
    case "react":
      return telling.sign(told.what, nameOf(state, told.venue));
    case "refused":
      if (told.id === 0) telling.refused(told.sentence, told.fix);
      return;
    default:
      return;
  }
}

function greeted(): void {
  sending();
  telling.notice("line", false);
  void local.load();
  if (state.you?.waiting) return;
  if (!began || !state.engineUp) publishing.start();
  else publishing.resume();
  began = true;
  if (!state.you?.on_air) publishing.close();
}

/** Our own devices follow what the room decided for us. */
function sending(): void {
  const me = state.you?.venue;
  if (!me || !state.room) return;
  publishing.enable("MICROPHONE", !(state.room.muted ?? []).includes(me));
  publishing.enable("CAMERA", !(state.room.dark ?? []).includes(me) && !local.audioOnly);
  const mine = state.room.screen === me;
  if (shared && !mine && publishing.sharing) publishing.unshare();
  shared = mine;
}

function gone(venues: Record<string, unknown>, before: State): void {
  const names = (ids: number[]): string[] => ids.filter((id) => id !== state.you?.venue).map((id) => nameOf(state, id)).filter(Boolean);
  const ids = Object.keys(venues).map(Number);
  telling.moved(names(ids.filter((id) => state.roster.has(id) && !before.roster.has(id))), names(ids.filter((id) => !state.roster.has(id) && before.roster.has(id))));
}

function onScreen(before: State): void {
  const me = state.you?.venue;
  const was = before.room?.broadcast === me || before.room?.floor?.venue_id === me;
  const is = state.room?.broadcast === me || state.room?.floor?.venue_id === me;
  if (me && is && !was) telling.announce(t("you_on_screen"));
}

function turned(connected: boolean): void {
  state = { ...state, connected };
  telling.notice({ id: "line", text: t("notice_line") }, !connected);
  draw();
}

function trouble(what: string, on: boolean): void {
  if (listening) return;
  telling.notice({ id: what, text: t(`notice_${what}`) }, on);
}

function silenced(on: boolean): void {
  telling.notice({ id: "silent", text: t("notice_silent"), button: t("unblock"), press: () => watching.unblock() }, on);
}

function draw(): void {
  if (!drawing) drawing = window.setTimeout(paint, 30);
}

function paint(): void {
  window.clearTimeout(drawing);
  drawing = 0;
  const now = Date.now();
  covered();
  if (!state.room || !state.you || state.you.waiting || state.bye) return;
  papers.render(state);
  stage.render(state, now);
  roster.render(state, now);
  side.render(state, now);
  votes.render(state);
  bar.render(state);
  local.render();
  head(now);
}

function head(now: number): void {
  const room = state.room;
  if (!room) return;
  setText(byId("chair-name"), room.chair.holder ? t("chair_is", { name: nameOf(state, room.chair.holder) }) : t("chair_none"));
  show(byId("recording"), room.recording);
  setText(byId("phase"), t(`phase_${room.phase}`));
  const left = room.ends_at ? (Date.parse(room.ends_at) - now - state.skew) / 1000 : null;
  setText(byId("time-left"), left === null ? "" : left > 0 ? t("time_left", { time: clock(left) }) : t("time_over", { time: clock(-left) }));
  show(byId("banner"), room.banner !== "");
  setText(byId("banner"), room.banner);
  show(byId("inspection"), room.inspection_told && facts.inspected);
  show(byId("locked"), room.locked);
  const speaking = state.speaking[0];
  setText(byId("who-speaks"), speaking ? t("speaks_now", { name: nameOf(state, speaking) }) : "");
  document.body.classList.toggle("inspects", inspects(state));
  document.body.classList.toggle("rules", chairs(state));
}

/** Outside, gone or over: the page says so in one sentence. */
function covered(): void {
  const cover = byId("cover");
  const waiting = state.you?.waiting === true && !state.bye;
  const text = state.bye && !state.bye.again ? state.bye.sentence : waiting ? t("waiting_outside") : "";
  show(cover, text !== "");
  setText(byId("cover-text"), text);
  show(byId("cover-chair"), waiting && mayChair(state) && state.bye === null);
  if (state.bye && !state.bye.again) publishing.close();
}

function stayAwake(): void {
  const ask = (): void => void (navigator as { wakeLock?: { request(kind: string): Promise<unknown> } }).wakeLock?.request("screen").catch(() => undefined);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  ask();
}

async function enter(): Promise<void> {
  byId("self").prepend(h("video", { autoplay: true, playsinline: true, muted: true, "aria-hidden": "true" }));
  const devices = listening ? null : publishing.prepare();
  await iceReady();
  line.open();
  if (devices) {
    await devices;
    if (began && state.you?.on_air) publishing.start();
  }
  window.setInterval(draw, 1000);
  stayAwake();
}

// For tests and the help desk: what the browser counts of what comes.
Object.assign(window, { room: { stats: () => watching.stats(), lines: () => watching.lines, sent: () => publishing.stats(), state: () => state } });

void enter();
