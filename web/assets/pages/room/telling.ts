// What the page says: one toast with undo, refusals with the way out, and sentences for the screen reader.
import { byId, h, icon, setText } from "./dom";
import { has, t } from "./words";

const SHOWN_MS = 10_000;
const GATHER_MS = 700;

let timer = 0;

function put(element: HTMLElement, last: boolean): void {
  window.clearTimeout(timer);
  byId("toast").replaceChildren(element);
  if (!last) timer = window.setTimeout(() => element.remove(), SHOWN_MS);
}

/** What was done, and the way to take it back while it is shown. */
export function done(sentence: string, undo?: () => void): void {
  const toast = h("div", { class: "toast" }, h("span", {}, sentence));
  if (undo) {
    toast.append(h("button", { type: "button", click: () => (toast.remove(), undo()) }, t("undo")));
  }
  put(toast, false);
}

/** Why it was not done and what to do; it stays until it is put away. */
export function refused(sentence: string, fix = ""): void {
  const away = h("button", { type: "button", class: "btn small", click: () => card.remove() }, t("dismiss"));
  const card = h("div", { class: "refusal", role: "alert" }, h("b", {}, t("not_done")), h("p", {}, sentence), fix ? h("p", { class: "soft" }, fix) : null,
    h("div", { class: "bar" }, away));
  put(card, true);
}

// --- for the screen reader: sentences of a moment are joined

let gathered: string[] = [];
let gathering = 0;

export function announce(sentence: string): void {
  if (!sentence) return;
  gathered.push(/[。！？…]$/.test(sentence) ? sentence : `${sentence}。`);
  if (gathering) return;
  gathering = window.setTimeout(() => {
    setText(byId("said"), gathered.slice(-4).join(""));
    gathered = [];
    gathering = 0;
  }, GATHER_MS);
}

/** Comings and goings; many at once are counted, not listed. */
export function moved(came: string[], went: string[]): void {
  if (came.length) announce(came.length > 3 ? t("came_many", { count: came.length }) : t("came", { names: came.join("、") }));
  if (went.length) announce(went.length > 3 ? t("went_many", { count: went.length }) : t("went", { names: went.join("、") }));
}

// --- standing notices: a thing that is wrong until it is right again, with one way on

export interface Notice {
  id: string;
  text: string;
  button?: string;
  press?: () => void;
}

export function notice(made: Notice | string, on: boolean): void {
  const list = byId("notices");
  const id = typeof made === "string" ? made : made.id;
  const there = list.querySelector<HTMLElement>(`[data-notice="${id}"]`);
  if (!on) return void there?.remove();
  if (there || typeof made === "string") return;
  const line = h("div", { class: "notice", "data-notice": id }, icon("help"), h("span", {}, made.text));
  if (made.button && made.press) line.append(h("button", { type: "button", class: "btn small", click: made.press }, made.button));
  list.append(line);
}

/** A sign somebody sent, for a moment. */
export function sign(what: string, name: string): void {
  const word = has(`sign_${what}`) ? t(`sign_${what}`) : what;
  const made = h("span", { class: "sign" }, `${name} ${word}`);
  byId("signs").append(made);
  window.setTimeout(() => made.remove(), 4_000);
  announce(t("signed", { name, what: word }));
}
