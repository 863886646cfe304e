// Beside the stage: the roll call, hands, the word, the agenda, the chat.
import type { Desk } from "./desk";
import { byId, h, icon, keyed, setAttribute, setIcon, setText, show } from "./dom";
import { calledVenue, chairs, clock, nameOf, type State } from "./store";
import type { ChatLine, Mark, SheetLine } from "./wire";
import { facts, t } from "./words";

const MARK_ICON: Record<Mark, string> = { PRESENT: "tick", SUBSTITUTE: "tick", NO_ANSWER: "cross", NOT_CALLED: "dash" };

export class Side {
  private readonly listed = byId("sheet");

  constructor(private readonly desk: Desk, private readonly line: { send: (message: Record<string, unknown>) => boolean }) {
    byId("mark-present").addEventListener("click", () => this.mark("PRESENT"));
    byId("mark-absent").addEventListener("click", () => this.mark("NO_ANSWER"));
    byId("pause-call").addEventListener("click", () => desk.press("pause_roll_call"));
    byId("close-call").addEventListener("click", () => desk.press("close_roll_call"));
    byId("end-floor").addEventListener("click", () => desk.press("end_floor"));
    byId("chat-form").addEventListener("submit", (event) => this.write(event));
    byId("reactions").addEventListener("click", (event) => this.react((event.target as Element).closest<HTMLElement>("[data-sign]")));
    byId("next-topic").addEventListener("click", () => desk.press("next_topic"));
  }

  private called: number | null = null;

  private mark(mark: Mark): void {
    if (this.called) this.desk.press("mark", { venue: this.called, mark, text: t("marked_by_chair") });
  }

  private write(event: Event): void {
    event.preventDefault();
    const input = byId<HTMLInputElement>("chat-text");
    const text = input.value.trim();
    if (text && this.line.send({ kind: "chat", id: Date.now() % 1_000_000_000, text })) input.value = "";
  }

  private react(button: HTMLElement | null): void {
    if (button) this.line.send({ kind: "react", what: button.dataset["sign"] });
  }

  render(state: State, now: number): void {
    this.rollCall(state, now);
    this.hands(state, now);
    this.floor(state, now);
    this.agenda(state);
    this.chat(state);
  }

  private rollCall(state: State, now: number): void {
    const sheet = state.room?.roll_call ?? null;
    show(byId("call"), sheet !== null);
    if (!sheet || !state.room) return;
    this.called = calledVenue(state.room) ?? sheet.lines[sheet.position]?.venue_id ?? null;
    const marked = sheet.lines.filter((one) => one.mark !== "NOT_CALLED").length;
    const present = sheet.lines.filter((one) => one.mark === "PRESENT" || one.mark === "SUBSTITUTE").length;
    setText(byId("call-count"), t("call_count", { marked, all: sheet.lines.length }));
    const bar = byId("call-bar");
    setAttribute(bar, "aria-valuenow", String(marked));
    setAttribute(bar, "aria-valuemax", String(sheet.lines.length));
    (bar.firstElementChild as HTMLElement).style.width = `${(marked / Math.max(1, sheet.lines.length)) * 100}%`;
    const over = sheet.closed || sheet.position >= sheet.lines.length;
    setText(byId("call-who"), over ? "" : nameOf(state, this.called));
    setText(byId("call-doing"), t(sheet.closed ? "call_closed" : sheet.paused ? "call_paused" : over ? "call_through" : "call_now", { present, absent: sheet.lines.length - present }));
    const left = sheet.until ? (Date.parse(sheet.until) - now - state.skew) / 1000 : 0;
    setText(byId("call-left"), sheet.until && !over ? t("seconds", { n: Math.max(0, Math.ceil(left)) }) : "");
    show(byId("call-acts"), chairs(state) && !sheet.closed);
    setText(byId("pause-call"), t(sheet.paused ? "call_go_on" : "call_pause"));
    for (const id of ["mark-present", "mark-absent", "pause-call"]) show(byId(id), !over);
    const corrected = new Map(sheet.corrections.map((one) => [one.venue_id, one]));
    const from = Math.max(0, over ? 0 : sheet.position - 5);
    const lines = over ? sheet.lines : sheet.lines.slice(from, sheet.position);
    keyed(this.listed, lines, (one) => String(one.venue_id), () => h("li", {}, icon("dash"), h("span", {}), h("small", {})),
      (element, one) => sheetLine(element, corrected.get(one.venue_id) ?? one, state, corrected.has(one.venue_id)));
  }

  private hands(state: State, now: number): void {
    const hands = state.room?.hands ?? [];
    show(byId("hands"), hands.length > 0);
    setText(byId("hand-count"), t("hand_count", { count: hands.length }));
    const rules = chairs(state);
    keyed(byId("hand-list"), hands, (one) => String(one.venue_id), (one) => this.hand(one.venue_id), (element, one) => {
      setText(element.querySelector("b"), nameOf(state, one.venue_id));
      setText(element.querySelector("small"), t("ago", { time: clock((now + state.skew - Date.parse(one.since)) / 1000) }));
      show(element.querySelector<HTMLElement>(".bar") ?? element, rules);
      element.querySelector(".btn")?.classList.toggle("go", hands[0] === one);
    });
  }

  private hand(venue: number): HTMLElement {
    const speak = h("button", { type: "button", class: "btn small", click: () => this.desk.press("floor", { venue, seconds: 180 }) }, t("please_speak"));
    const no = h("button", { type: "button", class: "btn small plain", click: () => this.desk.press("refuse", { venue }) }, t("act_refuse"));
    return h("li", {}, h("div", {}, h("b", {}), h("small", {})), h("div", { class: "bar" }, speak, no));
  }

  private floor(state: State, now: number): void {
    const floor = state.room?.floor ?? null;
    show(byId("floor"), floor !== null);
    if (!floor) return;
    setText(byId("floor-who"), t("floor_who", { name: nameOf(state, floor.venue_id) }));
    const left = floor.until ? (Date.parse(floor.until) - now - state.skew) / 1000 : null;
    setText(byId("floor-left"), left === null ? "" : clock(left));
    show(byId("end-floor"), chairs(state));
  }

  private agenda(state: State): void {
    const at = state.room?.topic ?? 0;
    const topic = facts.topics.find((one) => one.number === at);
    setText(byId("agenda-line"), topic ? t("agenda_line", { n: at, all: facts.topics.length, title: topic.title }) : "");
    keyed(byId("topics"), facts.topics, (one) => String(one.number), (one) => this.topic(one.number), (element, one) => {
      setAttribute(element, "aria-current", one.number === at ? "step" : null);
      const button = element.querySelector("button");
      if (button) show(button, chairs(state) && one.number !== at);
    });
    show(byId("next-topic"), chairs(state) && at < facts.topics.length);
  }

  private topic(number: number): HTMLElement {
    const topic = facts.topics.find((one) => one.number === number);
    const go = h("button", { type: "button", class: "btn small", click: () => this.desk.press("topic", { number }) }, t("go_there"));
    const under = [topic?.speaker, topic?.minutes ? t("minutes", { n: topic.minutes }) : ""].filter(Boolean).join(" · ");
    return h("li", {}, h("span", { class: "num" }, String(number)), h("div", {}, h("b", {}, topic?.title ?? ""), h("small", {}, under)), go);
  }

  private chat(state: State): void {
    const list = byId("chat-list");
    const low = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const before = list.childElementCount;
    keyed(list, state.chat, (one) => String(one.id), chatLine, () => undefined);
    if (low && list.childElementCount !== before) list.scrollTop = list.scrollHeight;
    show(byId("no-chat"), state.chat.length === 0);
  }
}

function sheetLine(element: HTMLElement, one: SheetLine, state: State, corrected: boolean): void {
  setIcon(element.querySelector(".ico"), MARK_ICON[one.mark]);
  setText(element.querySelector("span"), nameOf(state, one.venue_id));
  const more = one.substitute || one.reason;
  const word = t(`mark_${{ PRESENT: "present", SUBSTITUTE: "substitute", NO_ANSWER: "absent", NOT_CALLED: "not_called" }[one.mark]}`);
  setText(element.querySelector("small"), [word, more, corrected ? t("corrected") : ""].filter(Boolean).join("，"));
}

function chatLine(one: ChatLine): HTMLElement {
  const at = new Date(one.at);
  const time = `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  return h("li", {}, h("small", {}, `${one.name} ${time}`), h("span", {}, one.text));
}
