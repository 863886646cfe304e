// Every act of the room, once: its fields, its key, and the command it makes. Buttons, keys and /lines come from here.
import { inspects, type State } from "./store";
import type { Group, Layout } from "./wire";

export type Field = "group" | "venue" | "venue?" | "text" | "seconds" | "minutes" | "layout" | "number" | "mark" | "sure";

export interface Given {
  group?: Group;
  venue?: number | null;
  text?: string;
  seconds?: number | null;
  minutes?: number;
  layout?: Layout | null;
  number?: number;
  mark?: string;
}

export interface Act {
  id: string;
  family: string;
  fields: Field[];
  command: string;
  with: (given: Given, state: State) => Record<string, unknown>;
  letter?: string;
  pressed?: (state: State) => boolean; // a switch, and how it stands
  shown?: (state: State) => boolean; // where it makes no sense it is not offered
  venues?: (state: State) => number[]; // whom the choice of a venue is made from
}

const EVERYONE: Group = { everyone: true };
const phase = (...names: string[]) => (state: State): boolean => names.includes(state.room?.phase ?? "");
const calling = (state: State): boolean => state.room?.roll_call !== null && state.room?.roll_call.closed === false;
const turning = (state: State): boolean => state.room?.rotation !== null && state.room !== null;

export const CHAIRS: readonly Act[] = [
  // 会场
  { id: "let_in", family: "venues", fields: ["venue"], command: "LetIn", with: (g) => ({ venue_id: g.venue }),
    shown: (s) => s.room?.lobby === true, venues: (s) => [...s.roster].filter(([, e]) => e.waiting).map(([id]) => id) },
  { id: "remove", family: "venues", fields: ["venue"], command: "RemoveVenue", with: (g) => ({ venue_id: g.venue }),
    venues: (s) => online(s).filter((id) => id !== s.you?.venue) },
  { id: "readmit", family: "venues", fields: ["venue"], command: "RemoveVenue", with: (g) => ({ venue_id: g.venue, back: true }),
    shown: (s) => (s.room?.removed.length ?? 0) > 0, venues: (s) => s.room?.removed ?? [] },
  { id: "lock", family: "venues", fields: [], command: "Lock", with: (_, s) => ({ on: !s.room?.locked }),
    pressed: (s) => s.room?.locked === true, letter: "k" },
  { id: "extend", family: "venues", fields: ["minutes"], command: "Extend", with: (g, s) => ({ until: later(s, g.minutes ?? 15) }) },
  // 声音与画面
  { id: "mute", family: "sound", fields: ["group"], command: "Mute", with: (g) => ({ group: g.group ?? EVERYONE, on: false }), letter: "q" },
  { id: "unmute", family: "sound", fields: ["group"], command: "Mute", with: (g) => ({ group: g.group ?? EVERYONE, on: true }), letter: "o" },
  { id: "darken", family: "sound", fields: ["group"], command: "StopCameras", with: (g) => ({ group: g.group ?? EVERYONE, on: false }) },
  { id: "lighten", family: "sound", fields: ["group"], command: "StopCameras", with: (g) => ({ group: g.group ?? EVERYONE, on: true }) },
  { id: "deafen", family: "sound", fields: ["group"], command: "Deafen", with: (g) => ({ group: g.group ?? EVERYONE, on: false }) },
  { id: "undeafen", family: "sound", fields: ["group"], command: "Deafen", with: (g) => ({ group: g.group ?? EVERYONE, on: true }),
    shown: (s) => (s.room?.deafened.length ?? 0) > 0 },
  { id: "self_unmute", family: "sound", fields: [], command: "SelfUnmute", with: (_, s) => ({ allowed: !s.room?.self_unmute }),
    pressed: (s) => s.room?.self_unmute === true },
  { id: "voice_switch", family: "sound", fields: [], command: "VoiceSwitch", with: (_, s) => ({ on: !s.room?.voice_switch }),
    pressed: (s) => s.room?.voice_switch === true },
  // 发言
  { id: "floor", family: "speaking", fields: ["venue", "seconds"], command: "GiveFloor", letter: "f", venues: (s) => online(s),
    with: (g) => ({ venue_id: g.venue, seconds: g.seconds ?? null }) },
  { id: "end_floor", family: "speaking", fields: [], command: "EndFloor", with: () => ({}), shown: (s) => s.room?.floor !== null },
  { id: "refuse", family: "speaking", fields: ["venue"], command: "RefuseFloor", with: (g) => ({ venue_id: g.venue }),
    shown: (s) => (s.room?.hands.length ?? 0) > 0, venues: (s) => s.room?.hands.map((one) => one.venue_id) ?? [] },
  // 画面
  { id: "layout", family: "screen", fields: ["layout"], command: "SetLayout", with: (g) => ({ layout: g.layout ?? null }), letter: "l" },
  { id: "broadcast", family: "screen", fields: ["venue"], command: "Broadcast", with: (g) => ({ venue_id: g.venue }), letter: "b",
    venues: (s) => online(s) },
  { id: "end_broadcast", family: "screen", fields: [], command: "Broadcast", with: () => ({ venue_id: null }),
    shown: (s) => s.room?.broadcast !== null },
  { id: "watch", family: "screen", fields: ["venue"], command: "Watch", with: (g) => ({ venue_id: g.venue }), letter: "w",
    venues: (s) => online(s).filter((id) => id !== s.you?.venue) },
  { id: "end_watch", family: "screen", fields: [], command: "Watch", with: () => ({ venue_id: null }), shown: (s) => s.room?.watched !== null },
  { id: "rotate", family: "screen", fields: ["group", "seconds"], command: "StartRotation", letter: "t",
    with: (g) => ({ group: g.group ?? EVERYONE, seconds: g.seconds ?? 15, for_all: true }) },
  { id: "rotate_alone", family: "screen", fields: ["group", "seconds"], command: "StartRotation",
    with: (g) => ({ group: g.group ?? EVERYONE, seconds: g.seconds ?? 15, for_all: false }) },
  { id: "hold_rotation", family: "screen", fields: [], command: "HoldRotation", with: (_, s) => ({ on: !s.room?.rotation?.held }),
    shown: turning, pressed: (s) => s.room?.rotation?.held === true },
  { id: "end_rotation", family: "screen", fields: [], command: "StopRotation", with: () => ({}), shown: turning },
  { id: "to_stage", family: "screen", fields: ["venue"], command: "ToStage", with: (g) => ({ venue_id: g.venue, on: true }),
    venues: (s) => online(s).filter((id) => !s.room?.stage.includes(id)) },
  { id: "off_stage", family: "screen", fields: ["venue"], command: "ToStage", with: (g) => ({ venue_id: g.venue, on: false }),
    shown: (s) => (s.room?.stage.length ?? 0) > 0, venues: (s) => s.room?.stage ?? [] },
  // 议事
  { id: "roll_call", family: "order", fields: ["group", "seconds"], command: "StartRollCall", letter: "r",
    with: (g) => ({ group: g.group ?? EVERYONE, seconds: g.seconds ?? 20 }), shown: (s) => !calling(s) },
  { id: "pause_roll_call", family: "order", fields: [], command: "PauseRollCall", with: (_, s) => ({ on: !s.room?.roll_call?.paused }),
    shown: calling, pressed: (s) => s.room?.roll_call?.paused === true },
  { id: "mark", family: "order", fields: ["venue", "mark", "text"], command: "MarkPresence",
    shown: (s) => s.room?.roll_call !== null, venues: (s) => s.room?.roll_call?.lines.map((one) => one.venue_id) ?? [],
    with: (g) => ({ venue_id: g.venue, mark: g.mark ?? "PRESENT", reason: g.text ?? "" }) },
  { id: "close_roll_call", family: "order", fields: [], command: "CloseRollCall", with: () => ({}), shown: calling },
  { id: "topic", family: "order", fields: ["number"], command: "GoToTopic", with: (g) => ({ number: g.number ?? 1 }) },
  { id: "next_topic", family: "order", fields: [], command: "GoToTopic", with: (_, s) => ({ number: (s.room?.topic ?? 0) + 1 }), letter: "n" },
  { id: "banner", family: "order", fields: ["text"], command: "ShowBanner", with: (g) => ({ text: g.text ?? "" }) },
  { id: "no_banner", family: "order", fields: [], command: "ShowBanner", with: () => ({ text: "" }), shown: (s) => !!s.room?.banner },
  // 主席
  { id: "hand_over", family: "chair", fields: ["venue"], command: "HandOverChair", with: (g) => ({ venue_id: g.venue }),
    venues: (s) => online(s).filter((id) => id !== s.you?.venue) },
  { id: "deputy", family: "chair", fields: ["venue?"], command: "NameDeputy", with: (g) => ({ venue_id: g.venue ?? null }),
    venues: (s) => [...s.venues.keys()].filter((id) => id !== s.you?.venue) },
  { id: "release", family: "chair", fields: [], command: "ReleaseChair", with: () => ({}) },
  // 会议
  { id: "rehearse", family: "phase", fields: [], command: "SetPhase", with: () => ({ to: "REHEARSAL" }), shown: phase("PLANNED", "NOTICED", "WAITING") },
  { id: "wait", family: "phase", fields: [], command: "SetPhase", with: () => ({ to: "WAITING" }), shown: phase("PLANNED", "NOTICED", "REHEARSAL") },
  { id: "begin", family: "phase", fields: [], command: "SetPhase", with: () => ({ to: "LIVE" }), shown: phase("PLANNED", "NOTICED", "REHEARSAL", "WAITING") },
  { id: "pause", family: "phase", fields: [], command: "SetPhase", with: () => ({ to: "PAUSED" }), shown: phase("LIVE") },
  { id: "resume", family: "phase", fields: [], command: "SetPhase", with: () => ({ to: "LIVE" }), shown: phase("PAUSED") },
  { id: "record", family: "phase", fields: [], command: "Record", with: (_, s) => ({ on: !s.room?.recording }),
    pressed: (s) => s.room?.recording === true },
  { id: "chapter", family: "phase", fields: ["text"], command: "MarkChapter", with: (g) => ({ text: g.text ?? "" }) },
  { id: "tell_inspection", family: "phase", fields: [], command: "TellInspection", with: (_, s) => ({ on: !s.room?.inspection_told }),
    pressed: (s) => s.room?.inspection_told === true },
  { id: "end", family: "phase", fields: ["sure"], command: "SetPhase", with: () => ({ to: "ENDED" }), shown: phase("LIVE", "PAUSED") },
];

/** What anyone at a venue may do; most have a button of their own. */
export const OWN: readonly Act[] = [
  { id: "microphone", family: "own", fields: [], command: "SwitchMicrophone", letter: "m",
    with: (_, s) => ({ on: mine(s, s.room?.muted) }), shown: (s) => !inspects(s) },
  { id: "camera", family: "own", fields: [], command: "SwitchCamera", letter: "v",
    with: (_, s) => ({ on: mine(s, s.room?.dark) }), shown: (s) => !inspects(s) },
  { id: "raise_hand", family: "own", fields: [], command: "RaiseHand", with: () => ({}), letter: "h", shown: (s) => !inspects(s) && !raised(s) },
  { id: "lower_hand", family: "own", fields: [], command: "LowerHand", with: () => ({}), letter: "h", shown: (s) => !inspects(s) && raised(s) },
  { id: "answer", family: "own", fields: [], command: "AnswerCall", with: () => ({}), letter: "d" },
  { id: "substitute", family: "own", fields: ["text"], command: "AnswerCall", with: (g) => ({ substitute: g.text ?? "" }) },
  { id: "request_chair", family: "own", fields: [], command: "RequestChair", with: () => ({}) },
  { id: "take_back", family: "own", fields: [], command: "TakeBackChair", with: () => ({}),
    shown: (s) => s.you?.grants.includes("organise") === true },
];

const mine = (state: State, among: number[] | undefined): boolean => !!state.you && (among ?? []).includes(state.you.venue);

export const raised = (state: State): boolean => state.room?.hands.some((one) => one.venue_id === state.you?.venue) ?? false;

export const online = (state: State): number[] => [...state.roster.keys()];

export const actOf = (id: string): Act | undefined => CHAIRS.find((one) => one.id === id) ?? OWN.find((one) => one.id === id);

/** The moment so many minutes after the planned end, or after now where that has passed. */
function later(state: State, minutes: number): string {
  const now = Date.now() + state.skew;
  const end = state.room?.ends_at ? Date.parse(state.room.ends_at) : now;
  return new Date(Math.max(end, now) + minutes * 60_000).toISOString();
}

/** A page turned for all; the paper is taken away with null. */
export const turn = (paper: number | null, page: number): Record<string, unknown> => ({ paper_id: paper, page });
