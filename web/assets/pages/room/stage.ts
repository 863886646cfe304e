// The stage: pictures in their places, the page or screen, who speaks. Tiles are moved by order, never rebuilt, so that
// no picture stops and no focus jumps.
import { byId, h, icon, keyed, setAttribute, setIcon, setText, show } from "./dom";
import { LOST_SHOWN_MS, key, nameOf, standing, type State } from "./store";
import type { SlotFilled, Source } from "./wire";
import { t } from "./words";

export interface Cell {
  id: string;
  venue: number;
  source: Source | "LOST";
  main: boolean;
  order: number;
}

const MAINED = new Set(["1+6", "1", "2p"]);
const SCREEN_SLOT = -2;
const NARROWEST = 120; // pixels
const STANDS_MS = 4_000;

/** What lies where: the large one first, a screen beside it, lost venues in the free places at the end. */
export function cells(state: State, now: number): { cells: Cell[]; shape: "plain" | "main" } {
  const shown = state.slots.filter((one) => one.slot >= 0 || one.slot === SCREEN_SLOT);
  const large = MAINED.has(state.grid) ? shown.find((one) => one.slot === 0) : undefined;
  const screen = shown.find((one) => one.source === "SCREEN");
  const made = shown.map((one): Cell => {
    const main = one === large || (one === screen && (!large || large === screen));
    return { id: key(one.venue, one.source), venue: one.venue, source: one.source, main, order: orderOf(one, main) };
  });
  const seen = new Set(made.map((one) => one.venue));
  const free = placesOf(state.grid) - made.length;
  const lost = [...state.lost].filter(([venue, since]) => !seen.has(venue) && now - since < LOST_SHOWN_MS).slice(0, Math.max(0, free));
  for (const [venue] of lost) made.push({ id: `${venue}:LOST`, venue, source: "LOST", main: false, order: 900 });
  return { cells: made, shape: made.some((one) => one.main) ? "main" : "plain" };
}

/** How many columns make `count` pictures of 16:9 largest in that space, and how wide they are then. */
export function fit(count: number, width: number, height: number, gap: number): { columns: number; wide: number } {
  let best = { columns: 1, wide: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const across = (width - gap * (columns - 1)) / columns;
    const down = ((height - gap * (rows - 1)) / rows) * (16 / 9);
    const wide = Math.floor(Math.min(across, down));
    if (wide > best.wide) best = { columns, wide };
  }
  return best;
}

function orderOf(one: SlotFilled, main: boolean): number {
  if (main) return 0;
  return one.source === "SCREEN" ? 1 : 10 + one.slot;
}

function placesOf(grid: string): number {
  if (grid === "1+6") return 7;
  return grid === "2p" ? 2 : Number(grid) || 9;
}

function tile(cell: Cell, redraw: () => void): HTMLElement {
  const caption = h("figcaption", {}, icon("mic"), h("span", { class: "nm" }), h("span", { class: "st" }));
  if (cell.source === "LOST") return h("figure", { class: "tile off" }, h("div", {}, h("b", { class: "nm" }), h("br"), h("span", { class: "st num" })));
  const video = h("video", { autoplay: true, playsinline: true, muted: true, "aria-hidden": "true" });
  video.muted = true;
  video.addEventListener("loadeddata", redraw);
  return h("figure", { class: "tile" }, h("div", { class: "blank" }, h("b", {})), video, caption);
}

export class Stage {
  private readonly list = byId("stage");
  private readonly seen = new WeakMap<HTMLVideoElement, { at: number; since: number }>();

  constructor(private readonly track: (venue: number, source: Source) => MediaStreamTrack | null, private readonly redraw: () => void) {
    window.addEventListener("resize", redraw);
  }

  render(state: State, now: number): void {
    const made = cells(state, now);
    const page = !byId("paper").hidden;
    setAttribute(this.list, "data-shape", page && made.shape === "plain" ? "page" : made.shape);
    setAttribute(this.list, "data-page", page ? "" : null);
    setAttribute(this.list, "data-rest", String(Math.min(6, made.cells.filter((one) => one.order >= 10).length)));
    const box = byId("tiles");
    this.lay(box, made.shape === "plain" ? made.cells.length : 0);
    keyed(box, made.cells, (cell) => cell.id, (cell) => tile(cell, this.redraw), (element, cell) => this.update(element, cell, state, now));
    show(byId("alone"), made.cells.length === 0 && !page);
    setText(byId("alone"), aloneText(state));
  }

  /** Without a large one all are equal and as large as the window allows. */
  private lay(box: HTMLElement, count: number): void {
    const { columns, wide } = count ? fit(count, box.clientWidth, box.clientHeight, 8) : { columns: 0, wide: 0 };
    const narrow = wide > 0 && wide < NARROWEST; // better scrolled than too small to see
    const shown = narrow ? Math.floor((box.clientWidth - 8) / 2) : wide;
    box.style.gridTemplateColumns = count ? `repeat(${narrow ? 2 : columns}, ${shown}px)` : "";
    box.style.gridAutoRows = count ? `${Math.floor((shown * 9) / 16)}px` : "";
    setAttribute(box, "data-scrolled", narrow ? "" : null);
  }

  private update(element: HTMLElement, cell: Cell, state: State, now: number): void {
    element.style.order = String(cell.order);
    element.classList.toggle("large", cell.main);
    element.dataset["venue"] = String(cell.venue);
    element.dataset["source"] = cell.source;
    const stands = standing(state, cell.venue, now);
    setText(element.querySelector(".nm"), nameOf(state, cell.venue) + (cell.source === "SCREEN" ? t("their_screen") : ""));
    if (cell.source === "LOST") return setText(element.querySelector(".st"), t("state_lost", { value: stands.value ?? "" }));
    const speaks = state.speaking.includes(cell.venue) || state.room?.floor?.venue_id === cell.venue;
    element.classList.toggle("air", speaks && cell.source === "CAMERA");
    setIcon(element.querySelector("figcaption .ico"), state.room?.muted.includes(cell.venue) ? "mic_off" : "mic");
    setText(element.querySelector("figcaption .st"), wordOf(state, cell, stands));
    this.fill(element, cell, state, now);
  }

  private fill(element: HTMLElement, cell: Cell, state: State, now: number): void {
    const source = cell.source as Source;
    const video = element.querySelector("video");
    const track = this.track(cell.venue, source);
    if (!video) return;
    const held = (video.srcObject as MediaStream | null)?.getTracks()[0] ?? null;
    if (track !== held) {
      video.srcObject = track ? new MediaStream([track]) : null;
      void video.play().catch(() => undefined);
    }
    const entry = state.roster.get(cell.venue);
    const comes = source === "SCREEN" ? entry?.screen : entry?.camera;
    const dark = source === "CAMERA" && !!state.room?.dark.includes(cell.venue);
    const runs = !!track && this.runs(video, now);
    element.classList.toggle("blanked", dark || !runs);
    const reason = dark ? "dark" : !state.engineUp ? "engine" : state.narrow.get(cell.id) === null ? "weak" : comes ? "coming" : "none";
    setText(element.querySelector(".blank b"), t(`blank_${reason}`));
  }

  /** Whether pictures came lately: what is seen counts, whatever was announced. A picture that stands is taken away. */
  private runs(video: HTMLVideoElement, now: number): boolean {
    const before = this.seen.get(video);
    if (!before || before.at !== video.currentTime) {
      const first = !before && video.videoWidth === 0;
      this.seen.set(video, { at: video.currentTime, since: first ? 0 : now });
      return video.videoWidth > 0;
    }
    return video.videoWidth > 0 && now - before.since < STANDS_MS;
  }
}

function wordOf(state: State, cell: Cell, stands: { word: string; value?: string }): string {
  if (cell.source === "SCREEN") return "";
  const quality = state.narrow.get(cell.id);
  if (cell.main && (stands.word === "here" || stands.word === "muted") && quality === "q") return t("state_narrow");
  if (stands.word === "here" || stands.word === "absent") return "";
  return t(`state_${stands.word}`, { value: stands.value ?? "" });
}

function aloneText(state: State): string {
  if (!state.connected) return "";
  return state.roster.size > 1 ? t("alone_no_picture") : t("alone");
}
