// The state of the page: what the hub said, folded. Pure: `apply` gives a new state, nothing here touches the page.
import type { Ballot, ChatLine, Entry, Room, SlotFilled, Source, Told, Venue, You } from "./wire";

export const CHAT_KEPT = 200;
export const LOST_SHOWN_MS = 120_000;

export interface State {
  seq: number;
  skew: number; // milliseconds the server's clock is ahead of ours
  connected: boolean;
  engineUp: boolean;
  you: You | null;
  room: Room | null;
  venues: ReadonlyMap<number, Venue>;
  roster: ReadonlyMap<number, Entry>;
  lost: ReadonlyMap<number, number>; // venue to the moment it was lost, by our clock
  chat: readonly ChatLine[];
  ballots: ReadonlyMap<number, Ballot>;
  publish: readonly Source[];
  slots: readonly SlotFilled[];
  grid: string;
  speaking: readonly number[];
  narrow: ReadonlyMap<string, string | null>;
  said: string; // the last sentence about the room
  bye: { sentence: string; again: boolean } | null;
  gap: boolean; // something was missed: the whole state must be asked for
}

export const EMPTY: State = {
  seq: 0, skew: 0, connected: false, engineUp: true, you: null, room: null, venues: new Map(), roster: new Map(),
  lost: new Map(), chat: [], ballots: new Map(), publish: [], slots: [], grid: "9", speaking: [], narrow: new Map(),
  said: "", bye: null, gap: false,
};

export const key = (venue: number, source: Source): string => `${venue}:${source}`;

/** The state after one message; `now` is our clock in milliseconds. */
export function apply(state: State, told: Told, now: number): State {
  switch (told.kind) {
    case "hello":
      return greeted(state, told, now);
    case "change":
      return numbered({ ...state, room: changed(state.room, told.room), said: told.said || state.said }, told.seq);
    case "roster":
      return numbered(moved(state, told.venues, now), told.seq);
    case "slots":
      return { ...state, slots: told.slots, grid: told.grid };
    case "speaking":
      return { ...state, speaking: told.venues };
    case "narrow":
      return { ...state, narrow: new Map(state.narrow).set(key(told.venue, told.source), told.quality) };
    case "engine":
      return { ...state, engineUp: told.up, narrow: new Map() };
    case "chat":
      return { ...state, chat: [...state.chat, told].slice(-CHAT_KEPT), seq: state.seq + 1 };
    case "ballot":
      return { ...state, ballots: new Map(state.ballots).set(told.ballot.id, told.ballot), seq: state.seq + 1 };
    case "on_air":
    case "off_air":
      return state.you ? { ...state, you: { ...state.you, on_air: told.kind === "on_air" } } : state;
    case "bye":
      return { ...state, bye: { sentence: told.sentence, again: told.again } };
    case "done":
    case "refused":
    case "offer":
    case "published":
    case "react":
      return state;
  }
}

function greeted(state: State, told: Extract<Told, { kind: "hello" }>, now: number): State {
  const roster = new Map(Object.entries(told.roster).map(([id, entry]) => [Number(id), entry]));
  const lost = new Map([...state.lost].filter(([id]) => !roster.has(id)));
  return {
    ...state, seq: told.seq, skew: Date.parse(told.now) - now, you: told.you, room: told.room, roster, lost,
    venues: new Map([...state.venues, ...told.venues.map((one): [number, Venue] => [one.id, one])]), chat: told.chat,
    ballots: new Map(told.ballots.map((one) => [one.id, one])), publish: told.publish, bye: null, gap: false,
  };
}

/** Chat lines and ballots raise the number too; anything further ahead was missed. */
function numbered(state: State, seq: number): State {
  return { ...state, seq, gap: state.gap || seq > state.seq + 1 };
}

function isDelta(value: unknown): value is { "+": number[]; "-": number[] } {
  return typeof value === "object" && value !== null && "+" in value && "-" in value;
}

function changed(room: Room | null, fields: Record<string, unknown>): Room | null {
  if (!room) return null;
  const after: Record<string, unknown> = { ...room };
  for (const [name, value] of Object.entries(fields)) {
    if (!isDelta(value)) {
      after[name] = value;
      continue;
    }
    const gone = new Set(value["-"]);
    const kept = ((after[name] as number[] | undefined) ?? []).filter((id) => !gone.has(id));
    after[name] = [...new Set([...kept, ...value["+"]])];
  }
  return after as unknown as Room;
}

function moved(state: State, venues: Record<string, Entry | null>, now: number): State {
  const roster = new Map(state.roster);
  const lost = new Map(state.lost);
  for (const [id, entry] of Object.entries(venues)) {
    if (entry) {
      roster.set(Number(id), entry);
      lost.delete(Number(id));
    } else {
      if (roster.has(Number(id)) && !state.room?.removed.includes(Number(id))) lost.set(Number(id), now);
      roster.delete(Number(id));
    }
  }
  return { ...state, roster, lost };
}

// --- what the state means

export const chairs = (state: State): boolean => state.you !== null && state.room?.chair?.holder === state.you.venue;

export const mayChair = (state: State): boolean =>
  state.you !== null && (state.you.grants.includes("chair") || state.you.grants.includes("organise"));

export const inspects = (state: State): boolean => state.you?.grants.includes("inspect") ?? false;

export const nameOf = (state: State, venue: number | null | undefined): string =>
  (venue && state.venues.get(venue)?.name) || "";

export function calledVenue(room: Room): number | null {
  const sheet = room.roll_call;
  if (!sheet || sheet.closed || sheet.paused) return null;
  return sheet.lines[sheet.position]?.venue_id ?? null;
}

/** What a tile or a line of the roster says of a venue: a word for people, a kind for the eye, always both. */
export function standing(state: State, venue: number, now: number): { word: string; kind: string; value?: string } {
  const room = state.room;
  const lost = state.lost.get(venue);
  const entry = state.roster.get(venue);
  if (!room) return { word: "", kind: "" };
  if (!entry && lost !== undefined) return { word: "lost", kind: "absent", value: clock((now - lost) / 1000) };
  if (!entry) return { word: "absent", kind: "absent" };
  if (entry.waiting) return { word: "waiting", kind: "call" };
  if (calledVenue(room) === venue) return { word: "called", kind: "call" };
  if (room.floor?.venue_id === venue) return { word: "floor", kind: "air" };
  const hand = room.hands.findIndex((one) => one.venue_id === venue);
  if (hand >= 0) return { word: "hand", kind: "hand", value: String(hand + 1) };
  if (room.broadcast === venue) return { word: "broadcast", kind: "air" };
  if (room.chair.holder === venue) return { word: "chair", kind: "air" };
  if (state.speaking.includes(venue)) return { word: "speaking", kind: "air" };
  if (room.muted.includes(venue)) return { word: "muted", kind: "" };
  return { word: "here", kind: "" };
}

/** 3:07, 1:02:09. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${Math.floor((whole % 3600) / 60)}`;
  return hours ? `${hours}:${two(Number(rest))}:${two(whole % 60)}` : `${rest}:${two(whole % 60)}`;
}
