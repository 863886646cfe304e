// What the room's socket says, in both directions (rtc/live/README.md). Protocol 1.
export type Source = "MICROPHONE" | "CAMERA" | "SCREEN";

export interface Venue {
  id: number;
  name: string;
  organ_id: number;
  kind: "MAIN" | "BRANCH";
  level: number;
  path: string;
  may_chair: boolean;
}

export interface Entry {
  online: boolean;
  mic: boolean;
  camera: boolean;
  screen: boolean;
  since: string | null;
  waiting?: boolean;
}

export type Mark = "NOT_CALLED" | "PRESENT" | "SUBSTITUTE" | "NO_ANSWER";

export interface SheetLine {
  venue_id: number;
  mark: Mark;
  at: string | null;
  substitute: string;
  reason: string;
}

export interface RollCall {
  lines: SheetLine[];
  seconds: number;
  position: number;
  until: string | null;
  paused: boolean;
  closed: boolean;
  corrections: SheetLine[];
}

export interface Rotation {
  venues: number[];
  seconds: number;
  for_all: boolean;
  showing: number | null;
  following: number | null;
  until: string | null;
  held: boolean;
}

export interface Layout {
  grid: string;
  slots: { binding: string; venue_id?: number | null }[];
}

export interface Room {
  meeting_id: number;
  phase: string;
  ends_at: string | null;
  chair: { holder: number | null; fence: number; deputy: number | null; wishes: number[] };
  locked: boolean;
  lobby: boolean;
  let_in: number[];
  removed: number[];
  muted: number[];
  dark: number[];
  deafened: number[];
  held_mute: number[];
  held_dark: number[];
  self_unmute: boolean;
  voice_switch: boolean;
  hands: { venue_id: number; since: string }[];
  floor: { venue_id: number; until: string | null } | null;
  stage: number[];
  layout: Layout | null;
  broadcast: number | null;
  watched: number | null;
  screen: number | null;
  rotation: Rotation | null;
  roll_call: RollCall | null;
  topic: number;
  page: { paper_id: number | null; page: number } | null;
  banner: string;
  recording: boolean;
  inspection_told: boolean;
}

export interface You {
  venue: number;
  device: string;
  on_air: boolean;
  name: string;
  grants: string[];
  waiting: boolean;
}

export interface ChatLine {
  id: number;
  at: string;
  venue: number;
  name: string;
  text: string;
}

export interface SlotFilled {
  slot: number;
  venue: number;
  source: Source;
}

export interface OfferLine {
  mid: string;
  venue: number | null;
  source: Source;
}

export interface Ballot {
  id: number;
  stage: "DRAFT" | "OPEN" | "CLOSED" | "PUBLISHED" | "VOID";
  question: string;
  options: string[];
  secret: boolean;
  deadline: string | null;
  voters: number[] | null; // null: too many to name
  of: number;
  voted: number[] | null;
  cast: number;
  result: { counts: number[]; present: number; quorate: boolean; carried: number | null } | null;
}

export type Told =
  | {
      kind: "hello"; seq: number; now: string; you: You; room: Room; venues: Venue[]; roster: Record<string, Entry>;
      chat: ChatLine[]; ballots: Ballot[]; publish: Source[];
    }
  | { kind: "change"; seq: number; at: string; by: string | null; said: string; room: Record<string, unknown> }
  | { kind: "roster"; seq: number; venues: Record<string, Entry | null> }
  | { kind: "done"; id: number; undo: boolean }
  | { kind: "refused"; id: number; code: string; sentence: string; fix: string }
  | { kind: "offer"; version: number; sdp: string; lines: OfferLine[] }
  | { kind: "published"; id: number; sdp: string }
  | { kind: "slots"; slots: SlotFilled[]; grid: string }
  | { kind: "speaking"; venues: number[] }
  | { kind: "narrow"; venue: number; source: Source; quality: string | null }
  | { kind: "engine"; up: boolean }
  | ({ kind: "chat" } & ChatLine)
  | { kind: "react"; venue: number; what: string }
  | { kind: "ballot"; ballot: Ballot }
  | { kind: "off_air" }
  | { kind: "on_air" }
  | { kind: "bye"; sentence: string; again: boolean };

/** Whom an act of the chair reaches; what is left out is empty. */
export interface Group {
  venues?: number[];
  under?: string;
  level?: number;
  everyone?: boolean;
  but?: number[];
}
