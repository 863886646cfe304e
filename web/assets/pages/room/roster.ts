// The venues by county: who is here, how they stand, found by name or by what they want.
import { byId, h, keyed, setAttribute, setText } from "./dom";
import { standing, type State } from "./store";
import type { Venue } from "./wire";
import { t } from "./words";

const MOST_ROWS = 500;
type Want = "all" | "here" | "hand" | "absent";

interface Row {
  venue: Venue;
  depth: number;
  below: number; // venues under it that are folded away
  open: boolean | null; // null: nothing under it
}

export class Roster {
  private readonly open = new Set<number>();
  private wanted: Want = "all";
  private text = "";

  constructor(private readonly chosen: (venue: number) => void, private readonly redraw: () => void) {
    const input = byId<HTMLInputElement>("find-venue");
    input.addEventListener("input", () => ((this.text = input.value.trim()), redraw()));
    byId("wanted").addEventListener("click", (event) => this.want((event.target as Element).closest<HTMLElement>("[data-want]")));
  }

  private want(button: HTMLElement | null): void {
    if (!button) return;
    this.wanted = button.dataset["want"] as Want;
    for (const one of Array.from(byId("wanted").querySelectorAll("[data-want]"))) setAttribute(one, "aria-pressed", String(one === button));
    this.redraw();
  }

  render(state: State, now: number): void {
    const here = state.roster.size;
    const absent = [...state.venues.keys()].filter((id) => !state.roster.has(id) && !state.lost.has(id)).length;
    const lost = [...state.lost.keys()].filter((id) => !state.roster.has(id)).length;
    setText(byId("counts"), t(lost ? "counts_lost" : "counts", { here, absent, lost }));
    keyed(byId("venues"), this.rows(state, now), (row) => String(row.venue.id), () => this.line(), (element, row) => this.update(element, row, state, now));
  }

  private rows(state: State, now: number): Row[] {
    const all = [...state.venues.values()];
    if (this.text || this.wanted !== "all") return all.filter((one) => this.fits(state, one, now)).slice(0, MOST_ROWS).map((venue) => ({ venue, depth: 0, below: 0, open: null }));
    const rows: Row[] = [];
    for (const venue of all) {
      const parent = venue.kind === "MAIN" ? null : above(venue, all);
      if (parent && !(this.open.has(parent.id) && this.unfolded(parent, all))) continue;
      const below = all.filter((one) => above(one, all) === venue).length;
      rows.push({ venue, depth: depthOf(venue, all), below, open: below ? this.open.has(venue.id) : null });
    }
    return ordered(rows).slice(0, MOST_ROWS);
  }

  private unfolded(venue: Venue, all: Venue[]): boolean {
    const parent = above(venue, all);
    return !parent || (this.open.has(parent.id) && this.unfolded(parent, all));
  }

  private fits(state: State, venue: Venue, now: number): boolean {
    if (this.text && !venue.name.includes(this.text)) return false;
    const { word } = standing(state, venue.id, now);
    if (this.wanted === "here") return state.roster.has(venue.id);
    if (this.wanted === "absent") return word === "absent" || word === "lost";
    return this.wanted !== "hand" || word === "hand" || word === "waiting";
  }

  private line(): HTMLElement {
    const row = h("li", { class: "vn" });
    const name = h("button", { type: "button", class: "vn-name", click: () => this.chosen(Number(row.dataset["key"])) }, h("span", {}), h("small", {}));
    const fold = h("button", { type: "button", class: "vn-fold", click: () => this.toggle(Number(row.dataset["key"])) });
    row.append(name, fold);
    return row;
  }

  private toggle(venue: number): void {
    if (!this.open.delete(venue)) this.open.add(venue);
    this.redraw();
  }

  private update(element: HTMLElement, row: Row, state: State, now: number): void {
    const stands = standing(state, row.venue.id, now);
    element.className = `vn d${row.depth} ${stands.kind}`;
    const muted = state.room?.muted.includes(row.venue.id) && stands.word === "chair";
    setText(element.querySelector(".vn-name span"), row.venue.name);
    setText(element.querySelector(".vn-name small"), t(`state_${muted ? "muted" : stands.word}`, { value: stands.value ?? "" }));
    const fold = element.querySelector<HTMLElement>(".vn-fold");
    if (!fold) return;
    fold.hidden = row.open === null;
    setAttribute(fold, "aria-expanded", String(row.open === true));
    setAttribute(fold, "aria-label", t("below", { name: row.venue.name, count: row.below }));
    setText(fold, row.open ? "▾" : `▸${row.below}`);
  }
}

/** The nearest venue whose organ lies above this one's. */
function above(venue: Venue, all: Venue[]): Venue | null {
  let found: Venue | null = null;
  for (const one of all) {
    if (one === venue || one.kind === "MAIN" || !one.path || one.path === venue.path || !venue.path.startsWith(one.path)) continue;
    if (!found || one.path.length > found.path.length) found = one;
  }
  return found;
}

function depthOf(venue: Venue, all: Venue[]): number {
  if (venue.kind === "MAIN") return 0;
  const parent = above(venue, all);
  return parent ? Math.min(2, depthOf(parent, all) + 1) : 0;
}

/** The main venues first; below each venue what belongs to it. */
function ordered(rows: Row[]): Row[] {
  const main = rows.filter((row) => row.venue.kind === "MAIN");
  const tops = rows.filter((row) => row.venue.kind !== "MAIN" && row.depth === 0);
  const rest = rows.filter((row) => row.venue.kind !== "MAIN" && row.depth > 0);
  const under = (row: Row): Row[] => [row, ...rest.filter((one) => one.depth === row.depth + 1 && one.venue.path.startsWith(row.venue.path)).flatMap(under)];
  return [...main, ...tops.flatMap(under)];
}
