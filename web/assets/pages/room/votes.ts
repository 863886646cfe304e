// 表决: the chair asks, every venue answers once, the chair publishes. What happened comes by the line.
import { send } from "../../meta";
import { byId, h, keyed, setText, show } from "./dom";
import { chairs, clock, type State } from "./store";
import { done, refused } from "./telling";
import type { Ballot } from "./wire";
import { facts, t } from "./words";

const RULES = ["MAJORITY_OF_VOTES", "MAJORITY_OF_PRESENT", "TWO_THIRDS_OF_PRESENT"];
const MOST_SHOWN = 6;

interface Refusal {
  sentence?: string;
  fix?: string;
}

export class Votes {
  private readonly cast = new Map<number, number>(); // ballot to what this page chose; forgotten with the page
  private readonly results = new Map<number, Ballot["result"]>(); // of closed ones, for the chair before publishing

  constructor(private readonly state: () => State, private readonly redraw: () => void) {}

  private async post(path: string, body: Record<string, unknown>): Promise<Record<string, unknown> | null> {
    const sits = { venue: this.state().you?.venue, fence: this.state().room?.chair.fence ?? 0 };
    try {
      const answer = await send(`/meetings/${facts.meeting}/ballots${path}`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...sits, ...body }),
      });
      const said = (await answer.json()) as Record<string, unknown>;
      if (answer.ok) return said;
      refused((said as Refusal).sentence ?? t("no_line"), (said as Refusal).fix ?? "");
    } catch {
      refused(t("no_line"));
    }
    return null;
  }

  /** 表决: question, open or secret, what carries, how long. Drafted and opened in one. */
  ask(question = ""): void {
    const text = h("input", { type: "text", maxlength: 200, required: true, value: question });
    const secret = h("select", {}, h("option", { value: "" }, t("vote_open")), h("option", { value: "1" }, t("vote_secret")));
    const rule = h("select", {}, ...RULES.map((name) => h("option", { value: name }, t(`rule_${name}`))));
    const seconds = h("select", {}, ...[0, 60, 120, 300].map((n) => h("option", { value: n }, n ? t("seconds", { n }) : t("vote_until_closed"))));
    const hint = h("p", { class: "soft", hidden: true }, t("vote_secret_limit"));
    secret.addEventListener("change", () => show(hint, secret.value !== ""));
    const line = (label: string, control: HTMLElement): HTMLElement => h("label", { class: "ask-field" }, h("span", {}, label), control);
    const form = h("form", { class: "slip ask" }, h("h2", {}, t("act_vote")), line(t("vote_question"), text), line(t("vote_kind"), secret), hint, line(t("vote_rule"), rule),
      line(t("vote_time"), seconds), h("div", { class: "bar" }, h("button", { class: "btn go" }, t("vote_begin")), h("button", { type: "button", class: "btn", click: () => dialog.close() }, t("cancel"))));
    const dialog = h("dialog", { class: "room-slip", "aria-label": t("act_vote"), close: () => dialog.remove() }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close();
      void this.begin({ question: text.value.trim(), secret: secret.value !== "", rule: rule.value, topic: null }, Number(seconds.value) || null);
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  private async begin(draft: Record<string, unknown>, seconds: number | null): Promise<void> {
    const made = await this.post("", draft);
    if (made && (await this.post(`/${String(made["id"])}/open`, { seconds }))) done(t("vote_began"));
  }

  private async vote(ballot: Ballot, choice: number): Promise<void> {
    if (!(await this.post(`/${ballot.id}/vote`, { choice }))) return;
    this.cast.set(ballot.id, choice);
    done(t("vote_cast"));
    this.redraw();
  }

  private async close(ballot: Ballot): Promise<void> {
    if (!(await this.post(`/${ballot.id}/close`, {}))) return;
    try {
      const answer = await fetch(`/meetings/${facts.meeting}/ballots.json`, { credentials: "same-origin" });
      for (const one of (await answer.json()) as Ballot[]) this.results.set(one.id, one.result);
      this.redraw();
    } catch {
      refused(t("no_line"));
    }
  }

  private void(ballot: Ballot): void {
    void this.post(`/${ballot.id}/void`, { reason: t("vote_void_reason") });
  }

  /** Whether a ballot waits for this venue. */
  waits(): boolean {
    return [...this.state().ballots.values()].some((one) => this.may(one));
  }

  private may(one: Ballot): boolean {
    const mine = this.state().you?.venue ?? 0;
    const asked = one.voters === null || one.voters.includes(mine);
    return one.stage === "OPEN" && asked && !this.cast.has(one.id) && !(one.voted ?? []).includes(mine);
  }

  render(state: State): void {
    const shown = [...state.ballots.values()].filter((one) => one.stage !== "DRAFT" && one.stage !== "VOID").slice(-MOST_SHOWN).reverse();
    show(byId("votes"), shown.length > 0);
    keyed(byId("vote-list"), shown, (one) => String(one.id), (one) => this.card(one.id), (element, one) => this.update(element, one, state));
  }

  private card(id: number): HTMLElement {
    const now = (): Ballot | undefined => this.state().ballots.get(id);
    const button = (name: string, text: string, press: (ballot: Ballot) => void): HTMLElement =>
      h("button", { type: "button", class: "btn small", "data-vote": name, click: () => { const one = now(); if (one) press(one); } }, text);
    return h("li", {}, h("b", {}), h("small", { role: "status" }), h("div", { class: "options" }), h("ul", { class: "counts" }),
      h("div", { class: "bar" }, button("close", t("vote_close"), (one) => void this.close(one)), button("publish", t("vote_publish"), (one) => void this.post(`/${one.id}/publish`, {})),
        button("void", t("vote_void"), (one) => this.void(one))));
  }

  private update(element: HTMLElement, one: Ballot, state: State): void {
    setText(element.querySelector("b"), one.question);
    setText(element.querySelector("small"), this.line(one, state));
    const may = this.may(one);
    const options = element.querySelector<HTMLElement>(".options");
    if (options) keyed(options, may ? one.options.map((text, place) => ({ text, place })) : [], (option) => String(option.place),
      (option) => h("button", { type: "button", class: "btn", click: () => void this.vote(one, option.place) }, option.text), () => undefined);
    const result = one.result ?? this.results.get(one.id) ?? null;
    const counts = element.querySelector<HTMLElement>(".counts");
    if (counts) keyed(counts, result ? one.options.map((text, place) => ({ text, count: result.counts[place] ?? 0, won: result.carried === place })) : [], (row) => row.text,
      () => h("li", {}, h("span", {}), h("span", { class: "num" })), (row, of) => {
        setText(row.querySelector("span"), of.won ? `✓ ${of.text}` : of.text);
        setText(row.querySelector(".num"), t("vote_count", { n: of.count }));
      });
    const rules = chairs(state);
    const shows: Record<string, boolean> = { close: rules && one.stage === "OPEN", publish: rules && one.stage === "CLOSED", void: rules && one.stage === "CLOSED" };
    for (const [name, on] of Object.entries(shows)) {
      const button = element.querySelector<HTMLElement>(`[data-vote="${name}"]`);
      if (button) show(button, on);
    }
  }

  private line(one: Ballot, state: State): string {
    const kind = t(one.secret ? "vote_secret" : "vote_open");
    if (one.stage === "OPEN") {
      const left = one.deadline ? (Date.parse(one.deadline) - Date.now() - state.skew) / 1000 : null;
      return [kind, t("vote_progress", { cast: one.cast, of: one.of }), left === null ? "" : t("time_left", { time: clock(left) })].filter(Boolean).join("，");
    }
    const result = one.result ?? this.results.get(one.id);
    if (!result) return `${kind}，${t("vote_closed")}`;
    const end = !result.quorate ? "vote_no_quorum" : result.carried === null ? "vote_not_carried" : "vote_carried";
    return [kind, t(end, { option: one.options[result.carried ?? 0] ?? "" }), one.stage === "CLOSED" ? t("vote_unpublished") : ""].filter(Boolean).join("，");
  }
}
