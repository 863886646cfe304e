// /lines: a word for the act, then whom and how. Pure: words and state in, an act with what was given out, or why not.
import { type Act, CHAIRS, type Field, type Given, OWN } from "./acts";
import { chairs, type State } from "./store";
import type { Group, Venue } from "./wire";
import { t } from "./words";

export type Spoken = { act: Act; given: Given } | { local: string } | { wrong: string };

const TIERS: Record<string, number> = { city: 1, county: 2, township: 3, village: 4 };
const GRIDS = ["1", "2", "4", "6", "9", "13", "16", "25", "1+6", "2p"];
const MARKS: Record<string, string> = { present: "PRESENT", substitute: "SUBSTITUTE", absent: "NO_ANSWER" };
const LOCAL = ["share", "leave", "help", "audio_only", "on_air", "vote", "own_layout"];

const listed = (key: string): string[] => t(key).split(" ").filter(Boolean);

/** The words that call an act, the first is the one shown. */
export const wordsOf = (id: string): string[] => listed(`word_${id}`);

function acts(state: State): Act[] {
  return [...OWN, ...(chairs(state) ? CHAIRS : [])];
}

export function understand(line: string, state: State): Spoken {
  const text = line.trim().replace(/^[/／]/, "").trim();
  const [word = "", ...rest] = text.split(/\s+/);
  const local = LOCAL.find((id) => wordsOf(id).includes(word.toLowerCase()));
  if (local) return { local };
  const known = acts(state).filter((one) => wordsOf(one.id).includes(word.toLowerCase()));
  const act = known.find((one) => one.shown?.(state) ?? true) ?? known[0];
  if (!act) return { wrong: t(chairs(state) ? "line_unknown" : "line_unknown_or_chair", { word }) };
  return take(act, rest.join(" "), state);
}

function take(act: Act, rest: string, state: State): Spoken {
  const given: Given = {};
  let left = rest.trim();
  for (const field of act.fields) {
    const read = READ[field](left, state, given, act);
    if (typeof read !== "string") return read;
    left = read;
  }
  return { act, given };
}

type Reader = (text: string, state: State, given: Given, act: Act) => string | { wrong: string };

/** The last word where it is a number; the rest is a name. */
function number(text: string): [string, number | null] {
  const found = /^(.*?)(?:^|\s)(\d{1,4})$/.exec(text);
  return found ? [found[1] ?? "", Number(found[2])] : [text, null];
}

const READ: Record<Field, Reader> = {
  group: (text, state, given, act) => {
    const [name, seconds] = act.fields.includes("seconds") ? number(text) : [text, null];
    if (seconds !== null) given.seconds = seconds;
    const group = groupOf(name.trim(), state);
    if ("wrong" in group) return group;
    given.group = group;
    return "";
  },
  venue: (text, state, given, act) => {
    const [name, seconds] = act.fields.includes("seconds") ? number(text) : [text, null];
    if (seconds !== null) given.seconds = seconds;
    const [first, ...rest] = act.fields.length > 1 && !act.fields.includes("seconds") ? name.trim().split(" ") : [name.trim()];
    const venue = venueOf(first ?? "", state);
    if (typeof venue !== "number") return venue;
    given.venue = venue;
    return rest.join(" ");
  },
  "venue?": (text, state, given) => {
    if (!text || listed("word_nobody").includes(text)) return ((given.venue = null), "");
    const venue = venueOf(text, state);
    return typeof venue === "number" ? ((given.venue = venue), "") : venue;
  },
  text: (text, _, given) => ((given.text = text), ""),
  seconds: (text) => text,
  minutes: (text, _, given) => {
    const found = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    return found ? ((given.minutes = found), "") : { wrong: t("line_minutes") };
  },
  number: (text, _, given) => {
    if (!/^\d{1,2}$/.test(text)) return { wrong: t("line_topic") };
    given.number = Number(text);
    return "";
  },
  layout: (text, _, given) => {
    if (listed("word_free").includes(text)) return ((given.layout = null), "");
    if (!GRIDS.includes(text)) return { wrong: t("line_layout", { grids: GRIDS.join("、") }) };
    given.layout = { grid: text, slots: [] };
    return "";
  },
  mark: (text, _, given) => {
    const [word = "", ...rest] = text.split(" ");
    const found = Object.keys(MARKS).find((name) => listed(`word_mark_${name}`).includes(word));
    if (!found) return { wrong: t("line_mark") };
    given.mark = MARKS[found];
    return rest.join(" ");
  },
  sure: (text) => text,
};

export const marks = MARKS;
export const grids = GRIDS;
export const tiers = TIERS;

/** 全体, 全体除兴平市、乾县, 县级, 兴平市及以下, 兴平市、乾县. Nothing said is everyone. */
export function groupOf(text: string, state: State): Group | { wrong: string } {
  const but = listed("word_but").find((word) => text.includes(word));
  if (but) {
    const [head = "", tail = ""] = text.split(but);
    const base = groupOf(head.trim(), state);
    const spared = venuesOf(tail, state);
    if ("wrong" in base) return base;
    return Array.isArray(spared) ? { ...base, but: spared } : spared;
  }
  if (!text || listed("word_everyone").includes(text)) return { everyone: true };
  const tier = Object.keys(TIERS).find((name) => listed(`word_tier_${name}`).includes(text));
  if (tier) return { level: TIERS[tier] ?? 2 };
  const below = listed("word_below").find((word) => text.endsWith(word) && text.length > word.length);
  if (below) {
    const venue = venueOf(text.slice(0, -below.length), state);
    return typeof venue === "number" ? { under: state.venues.get(venue)?.path ?? "" } : venue;
  }
  const venues = venuesOf(text, state);
  return Array.isArray(venues) ? { venues } : venues;
}

function venuesOf(text: string, state: State): number[] | { wrong: string } {
  const found: number[] = [];
  for (const name of text.split(/[、,，]/).map((one) => one.trim()).filter(Boolean)) {
    const venue = venueOf(name, state);
    if (typeof venue !== "number") return venue;
    found.push(venue);
  }
  return found.length ? found : { wrong: t("line_no_venue") };
}

/** The venue of that name: the whole name first, then its beginning, then any part of it; never a guess. */
export function venueOf(name: string, state: State): number | { wrong: string } {
  if (!name) return { wrong: t("line_no_venue") };
  const all = [...state.venues.values()];
  const tests: ((venue: Venue) => boolean)[] = [
    (venue) => venue.name === name, (venue) => venue.name.startsWith(name), (venue) => venue.name.includes(name),
  ];
  for (const test of tests) {
    const found = all.filter(test);
    if (found.length === 1 && found[0]) return found[0].id;
    if (found.length > 1) return { wrong: t("line_many", { name, names: found.slice(0, 4).map((one) => one.name).join("、") }) };
  }
  return { wrong: t("line_absent", { name }) };
}
