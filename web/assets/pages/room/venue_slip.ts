// A venue was pressed in the roster: how it stands, and what may be done with it.
import type { Given } from "./acts";
import type { Desk } from "./desk";
import { h } from "./dom";
import type { Local } from "./local";
import { chairs, inspects, standing, type State } from "./store";
import { t } from "./words";

const NOT_ONESELF = new Set(["remove", "hand_over", "watch"]);

function chairActs(state: State, id: number): [string, Given][] {
  const entry = state.roster.get(id);
  if (!chairs(state)) return [];
  if (entry?.waiting) return [["let_in", { venue: id }]];
  if (!entry) return [["deputy", { venue: id }]];
  const alone = { group: { venues: [id] } };
  const all: [string, Given][] = [
    ["floor", { venue: id }], [state.room?.muted.includes(id) ? "unmute" : "mute", alone], [state.room?.dark.includes(id) ? "lighten" : "darken", alone],
    ["broadcast", { venue: id }], ["watch", { venue: id }], [state.room?.stage.includes(id) ? "off_stage" : "to_stage", { venue: id }],
    ["deputy", { venue: id }], ["hand_over", { venue: id }], ["remove", { venue: id }],
  ];
  return all.filter(([name]) => id !== state.you?.venue || !NOT_ONESELF.has(name));
}

export function venueSlip(state: State, id: number, desk: Desk, local: Local): void {
  const venue = state.venues.get(id);
  if (!venue) return;
  const button = (name: string, text: string, press: () => void): HTMLElement =>
    h("button", { type: "button", class: name === "remove" ? "act-button cut" : "act-button", click: () => (dialog.close(), press()) }, h("span", {}, text));
  const buttons = chairActs(state, id).map(([name, given]) => button(name, t(`act_${name}`), () => desk.press(name, given)));
  const others = state.roster.has(id) && id !== state.you?.venue;
  if (!chairs(state) && !inspects(state) && others) buttons.push(button("large", t("see_large"), () => local.large(venue)));
  const stands = standing(state, id, Date.now());
  const dialog = h("dialog", { class: "room-slip", "aria-label": venue.name, close: () => dialog.remove() }, h("div", { class: "slip" },
    h("h2", {}, venue.name), h("p", { class: "soft" }, t(`state_${stands.word}`, { value: stands.value ?? "" })), h("div", { class: "acts" }, ...buttons),
    h("div", { class: "bar" }, h("button", { type: "button", class: "btn", click: () => dialog.close() }, t("close")))));
  document.body.append(dialog);
  dialog.showModal();
}
