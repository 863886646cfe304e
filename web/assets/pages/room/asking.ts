// The slip that asks whom and how, for an act that needs it. Built from the act's fields; one slip at a time.
import type { Act, Field, Given } from "./acts";
import { h } from "./dom";
import { grids, marks, tiers } from "./spoken";
import { nameOf, type State } from "./store";
import type { Group } from "./wire";
import { facts, t } from "./words";

const MOST_LISTED = 400;
const SECONDS: Record<string, number[]> = { rotate: [10, 15, 30, 60], rotate_alone: [10, 15, 30, 60], roll_call: [10, 20, 30, 60], floor: [0, 60, 180, 300, 600] };

type Part = { element: HTMLElement; read: () => Given | { wrong: string } };

function option(value: string, text: string): HTMLOptionElement {
  return h("option", { value }, text);
}

function field(label: string, control: HTMLElement): HTMLElement {
  return h("label", { class: "ask-field" }, h("span", {}, label), control);
}

function venueNames(state: State, among: number[]): { id: number; name: string }[] {
  return among.slice(0, MOST_LISTED).map((id) => ({ id, name: nameOf(state, id) })).filter((one) => one.name);
}

function venueSelect(state: State, among: number[], label: string): { element: HTMLElement; value: () => number | null } {
  const select = h("select", {}, option("", t("choose_venue")), ...venueNames(state, among).map((one) => option(String(one.id), one.name)));
  return { element: field(label, select), value: () => (select.value ? Number(select.value) : null) };
}

const PARTS: Record<Field, (act: Act, state: State) => Part> = {
  group: groupPart,
  venue: (act, state) => {
    const chosen = venueSelect(state, act.venues?.(state) ?? [...state.roster.keys()], t("field_venue"));
    return { element: chosen.element, read: () => (chosen.value() ? { venue: chosen.value() } : { wrong: t("line_no_venue") }) };
  },
  "venue?": (act, state) => {
    const chosen = venueSelect(state, act.venues?.(state) ?? [], t("field_venue_or_none"));
    return { element: chosen.element, read: () => ({ venue: chosen.value() }) };
  },
  text: (act) => {
    const input = h("input", { type: "text", maxlength: act.id === "banner" ? 60 : 80 });
    return { element: field(t(`field_text_${act.id}`), input), read: () => ({ text: input.value.trim() }) };
  },
  seconds: (act) => {
    const choices = SECONDS[act.id] ?? [20];
    const select = h("select", {}, ...choices.map((n) => option(String(n), n ? t("seconds", { n }) : t("no_limit"))));
    if (act.id === "roll_call") select.value = "20";
    if (act.id.startsWith("rotate")) select.value = "15";
    return { element: field(t("field_seconds"), select), read: () => ({ seconds: Number(select.value) || null }) };
  },
  minutes: () => {
    const select = h("select", {}, ...[5, 10, 15, 30, 60].map((n) => option(String(n), t("minutes", { n }))));
    select.value = "15";
    return { element: field(t("field_minutes"), select), read: () => ({ minutes: Number(select.value) }) };
  },
  number: (_, state) => {
    const select = h("select", {}, ...facts.topics.map((one) => option(String(one.number), `${one.number}. ${one.title}`)));
    select.value = String(Math.max(1, state.room?.topic ?? 1));
    return { element: field(t("field_topic"), select), read: () => (select.value ? { number: Number(select.value) } : { wrong: t("no_topics") }) };
  },
  layout: () => {
    const select = h("select", {}, option("", t("layout_free")), ...grids.map((grid) => option(grid, t(`grid_${grid}`))));
    return { element: field(t("field_layout"), select), read: () => ({ layout: select.value ? { grid: select.value, slots: [] } : null }) };
  },
  mark: () => {
    const select = h("select", {}, ...Object.entries(marks).map(([name, value]) => option(value, t(`mark_${name}`))));
    return { element: field(t("field_mark"), select), read: () => ({ mark: select.value }) };
  },
  sure: (act) => ({ element: h("p", { class: "warn" }, t(`sure_${act.id}`)), read: () => ({}) }),
};

function groupPart(_: Act, state: State): Part {
  const venues = [...state.venues.values()];
  const counties = venues.filter((one) => one.level === 2 && one.path);
  const towns = venues.filter((one) => one.level === 3 && one.path);
  const kinds: [string, boolean][] = [
    ["everyone", true], ["venue", true], ["county", counties.length > 0], ["town", towns.length > 0], ["tier", true], ["but", true],
  ];
  const kind = h("select", {}, ...kinds.filter(([, there]) => there).map(([name]) => option(name, t(`group_${name}`))));
  const pick = h("select", { "aria-label": t("field_venue") });
  const line = h("div", { class: "ask-pair" }, kind, pick);
  const fill = (): void => {
    const choices: Record<string, HTMLOptionElement[]> = {
      venue: venueNames(state, venues.map((one) => one.id)).map((one) => option(String(one.id), one.name)),
      but: venueNames(state, venues.map((one) => one.id)).map((one) => option(String(one.id), one.name)),
      county: counties.map((one) => option(one.path, t("and_below", { name: one.name }))),
      town: towns.map((one) => option(one.path, t("and_below", { name: one.name }))),
      tier: Object.entries(tiers).map(([name, level]) => option(String(level), t(`tier_${name}`))),
    };
    pick.replaceChildren(...(choices[kind.value] ?? []));
    pick.hidden = kind.value === "everyone";
  };
  kind.addEventListener("change", fill);
  fill();
  return { element: h("div", { class: "ask-field", role: "group", "aria-label": t("field_group") }, h("span", {}, t("field_group")), line), read: () => ({ group: groupOf(kind.value, pick.value) }) };
}

function groupOf(kind: string, value: string): Group {
  if (kind === "venue") return { venues: [Number(value)] };
  if (kind === "but") return { everyone: true, but: [Number(value)] };
  if (kind === "tier") return { level: Number(value) };
  return kind === "everyone" ? { everyone: true } : { under: value };
}

/** Ask, then hand over what was given. Escape and 取消 do nothing. */
export function ask(act: Act, state: State, perform: (given: Given) => void): void {
  const parts = act.fields.map((name) => PARTS[name](act, state));
  const wrong = h("p", { class: "warn", role: "alert", hidden: true });
  const go = h("button", { class: act.id === "end" ? "btn cut" : "btn go" }, t(`act_${act.id}`));
  const cancel = h("button", { type: "button", class: "btn", click: () => dialog.close() }, t("cancel"));
  const form = h("form", { method: "dialog", class: "slip ask" }, h("h2", {}, t(`act_${act.id}`)), ...parts.map((one) => one.element), wrong,
    h("div", { class: "bar" }, go, cancel));
  const dialog = h("dialog", { class: "room-slip", "aria-label": t(`act_${act.id}`), close: () => dialog.remove() }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given: Given = {};
    for (const part of parts) {
      const read = part.read();
      if ("wrong" in read) {
        wrong.textContent = read.wrong;
        wrong.hidden = false;
        return;
      }
      Object.assign(given, read);
    }
    dialog.close();
    perform(given);
  });
  document.body.append(dialog);
  dialog.showModal();
}
