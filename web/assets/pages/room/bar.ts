// The lower bar, the slip with every act, the line for /commands, the keys, and the one thing that is asked just now.
import { type Act, actOf, CHAIRS, OWN, raised } from "./acts";
import type { Desk } from "./desk";
import { byId, h, icon, setAttribute, setIcon, setText, show } from "./dom";
import { singleKey } from "../../keys";
import { wordsOf } from "./spoken";
import { calledVenue, chairs, inspects, mayChair, nameOf, type State } from "./store";
import { facts, t } from "./words";

const FAMILIES = ["venues", "sound", "speaking", "screen", "order", "chair", "phase"];
const LOCAL_KEYS: Record<string, string> = { s: "share", c: "chat", g: "agenda", p: "roster", e: "vote", "?": "help" };

export interface Own {
  sharing: () => boolean;
  audioOnly: () => boolean;
  camera: () => boolean;
  microphone: () => boolean;
  asked: () => boolean; // a ballot waits for this venue
}

export class Bar {
  private asked = "";

  constructor(private readonly desk: Desk, private readonly state: () => State, private readonly own: Own) {
    document.addEventListener("click", (event) => this.click(event));
    document.addEventListener("keydown", (event) => this.key(event));
    byId("command").addEventListener("submit", (event) => this.line(event));
  }

  private click(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-act]");
    const id = button?.dataset["act"];
    if (!id || !button) return;
    if (id === "hand") return this.desk.press(raised(this.state()) ? "lower_hand" : "raise_hand");
    if (button.closest("#acts")) byId<HTMLDialogElement>("acts").close();
    this.desk.press(id);
  }

  private line(event: Event): void {
    event.preventDefault();
    const input = byId<HTMLInputElement>("command-text");
    if (!input.value.trim() || this.desk.say(input.value)) {
      input.value = "";
      input.blur();
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && document.activeElement?.id === "command-text") return (document.activeElement as HTMLElement).blur();
    const pressed = singleKey(event);
    if (!pressed || event.repeat) return;
    const state = this.state();
    if (pressed === "/") {
      event.preventDefault();
      show(byId("command"), true);
      return byId("command-text").focus();
    }
    const usable = (act: Act): boolean => act.letter === pressed && (act.shown?.(state) ?? true);
    const act = (chairs(state) ? CHAIRS.find(usable) : undefined) ?? OWN.find(usable);
    const local = LOCAL_KEYS[pressed];
    if (act) this.desk.press(act.id);
    else if (local) this.desk.press(local);
    else return;
    event.preventDefault();
  }

  render(state: State): void {
    const room = state.room;
    if (!room || !state.you) return;
    const me = state.you.venue;
    const rules = chairs(state);
    document.body.classList.toggle("rules", rules);
    for (const one of Array.from(document.querySelectorAll<HTMLElement>("[data-for]"))) show(one, this.fits(one.dataset["for"] ?? "", state));
    toggle("microphone", room.muted.includes(me), room.muted.includes(me) ? "mic_off" : "mic", t(room.muted.includes(me) ? "microphone_off" : "microphone_on"));
    toggle("camera", room.dark.includes(me), room.dark.includes(me) ? "camera_off" : "camera", t(room.dark.includes(me) ? "camera_off" : "camera_on"));
    toggle("hand", raised(state), "hand", t(raised(state) ? "hand_up" : "hand_down"));
    toggle("share", this.own.sharing(), "screen", t(this.own.sharing() ? "share_on" : "share_off"));
    for (const button of Array.from(document.querySelectorAll<HTMLElement>(".cb [data-act]"))) {
      const pressed = actOf(button.dataset["act"] ?? "")?.pressed;
      if (pressed) setAttribute(button, "aria-pressed", String(pressed(state)));
    }
    this.ask(state);
  }

  private fits(what: string, state: State): boolean {
    const rules = chairs(state);
    if (what === "chair") return rules;
    if (what === "speaker") return !inspects(state);
    if (what === "plain") return !rules && !inspects(state);
    if (what === "live") return rules && ["LIVE", "PAUSED"].includes(state.room?.phase ?? "");
    return true;
  }

  /** One thing at a time, the most pressing first. */
  private ask(state: State): void {
    const room = state.room;
    if (!room || !state.you || inspects(state)) return;
    const me = state.you.venue;
    const wish = chairs(state) ? room.chair.wishes.find((one) => one !== me) : undefined;
    if (calledVenue(room) === me) this.put("called", t("ask_called", { name: nameOf(state, me) }), [["answer", true], ["substitute", false]]);
    else if (room.floor?.venue_id === me && room.muted.includes(me)) this.put("floor", t("ask_floor"), [["microphone", true]]);
    else if (this.own.asked()) this.put("vote", t("ask_vote"), [["votes", true]]);
    else if (!state.you.on_air) this.put("off_air", t("ask_off_air"), [["on_air", true]]);
    else if (room.chair.holder === null && mayChair(state)) this.put("chair", t("ask_chair"), [["request_chair", true]]);
    else if (wish) this.put(`wish-${wish}`, t("ask_wish", { name: nameOf(state, wish) }), [["hand_over", false]]);
    else if (chairs(state) && !["LIVE", "PAUSED"].includes(room.phase)) this.put(room.phase, t("ask_begin"), room.phase === "REHEARSAL" ? [["begin", true]] : [["begin", true], ["rehearse", false]]);
    else this.put("", "", []);
  }

  private put(id: string, text: string, acts: [string, boolean][]): void {
    const box = byId("ask");
    if (id === this.asked) return;
    this.asked = id;
    show(box, id !== "");
    box.replaceChildren(h("p", {}, text), ...acts.map(([act, main]) => h("button", { type: "button", class: main ? "btn go" : "btn", "data-act": act }, t(`act_${act}`))));
  }

  /** Every act one may do now, with its key and its word. */
  open(): void {
    const state = this.state();
    const box = byId("act-list");
    const families = chairs(state) ? FAMILIES.map((name): [string, Act[]] => [name, CHAIRS.filter((one) => one.family === name)]) : [];
    const own: [string, Act[]] = ["own", OWN.filter((one) => !["microphone", "camera", "raise_hand", "lower_hand", "answer", "substitute"].includes(one.id))];
    const usable = (act: Act): boolean => act.shown?.(state) ?? true;
    box.replaceChildren(...[...families, own].map(([name, acts]) => h("section", {}, h("h3", {}, t(`family_${name}`)),
      h("div", { class: "acts" }, ...acts.filter(usable).filter((one) => this.offered(one, state)).map((one) => actButton(one, state)), ...(name === "own" ? this.locals() : []), ...(name === "order" ? [voteButton()] : [])))));
    byId<HTMLDialogElement>("acts").showModal();
  }

  private offered(act: Act, state: State): boolean {
    if (act.id === "request_chair") return mayChair(state) && !chairs(state);
    if (act.id === "take_back") return !chairs(state);
    return act.id !== "record" || facts.may_record;
  }

  private locals(): HTMLElement[] {
    const made = ["own_layout", "audio_only", "roster", "chat", "agenda", "help"].map((id) => h("button", { type: "button", class: "act-button", "data-act": id }, h("span", {}, t(`act_${id}`))));
    const audio = made[1];
    if (audio) setAttribute(audio, "aria-pressed", String(this.own.audioOnly()));
    return made;
  }
}

function actButton(act: Act, state: State): HTMLElement {
  const button = h("button", { type: "button", class: act.id === "end" || act.id === "remove" ? "act-button cut" : "act-button", "data-act": act.id },
    h("span", {}, t(`act_${act.id}`)), h("small", {}, `/${wordsOf(act.id)[0] ?? ""}`), act.letter ? h("kbd", {}, act.letter.toUpperCase()) : null);
  if (act.pressed) setAttribute(button, "aria-pressed", String(act.pressed(state)));
  return button;
}

function voteButton(): HTMLElement {
  return h("button", { type: "button", class: "act-button", "data-act": "vote" }, h("span", {}, t("act_vote")), h("small", {}, `/${wordsOf("vote")[0] ?? ""}`), h("kbd", {}, "E"));
}

function toggle(act: string, pressed: boolean, picture: string, text: string): void {
  for (const button of Array.from(document.querySelectorAll<HTMLElement>(`nav [data-act="${act}"]`))) {
    setAttribute(button, "aria-pressed", String(pressed));
    const there = button.querySelector(".ico");
    if (there) setIcon(there, picture);
    else button.prepend(icon(picture));
    setText(button.querySelector("span"), text);
  }
}
