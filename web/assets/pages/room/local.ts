// What this page does by itself: sharing, leaving, its own layout, sound only, panels, the large buttons, the help.
import type { Act } from "./acts";
import { ask } from "./asking";
import type { Desk } from "./desk";
import { byId, h, setAttribute, setText, show } from "./dom";
import type { Line } from "./line";
import type { Publishing } from "./publishing";
import { wordsOf } from "./spoken";
import { chairs, nameOf, type State } from "./store";
import { announce, done, notice, refused } from "./telling";
import type { Layout, Venue } from "./wire";
import { facts, t } from "./words";

const PANELS = ["roster", "agenda", "chat"];
const OWN_LAYOUT: Act = { id: "own_layout", family: "own", fields: ["layout"], command: "", with: () => ({}) };
const HELPED = ["mute", "floor", "broadcast", "rotate", "roll_call", "topic", "banner", "extend", "microphone", "raise_hand"];

export class Local {
  audioOnly = false;
  private layout: Layout | null = null;
  private loaded = false;

  constructor(
    private readonly line: Line,
    private readonly publishing: Publishing,
    private readonly desk: Desk,
    private readonly state: () => State,
    private readonly more: () => void,
    private readonly vote: () => void,
    private readonly redraw: () => void,
  ) {
    for (const name of ["chat", "agenda"]) byId(`tab-${name}`).addEventListener("click", () => this.tab(name));
  }

  press(id: string): void {
    if (PANELS.includes(id)) return this.panel(id);
    const acts: Record<string, () => void> = {
      share: () => void this.share(), leave: () => this.leave(), help: () => this.help(), more: () => this.more(),
      audio_only: () => this.sparing(!this.audioOnly), own_layout: () => this.choose(), close: () => this.panel(""),
      vote: () => (chairs(this.state()) ? this.vote() : refused(t("chair_only"))), votes: () => this.toVotes(),
      on_air: () => void this.line.send({ kind: "on_air" }), elder_hear: () => this.hear(), elder_see: () => this.sparing(!this.audioOnly),
      elder_say: () => this.speak(), elder_help: () => this.callForHelp(), elder: () => this.elder(),
    };
    acts[id]?.();
  }

  private panel(name: string): void {
    const body = document.body.dataset;
    body["panel"] = body["panel"] === name ? "" : name;
    if (name === "chat" || name === "agenda") this.tab(name);
    if (name === "chat") byId("chat-text").focus();
  }

  /** To the ballot: on a phone it lies in the panel. */
  private toVotes(): void {
    if (document.body.dataset["panel"] !== "agenda") this.panel("agenda");
    byId("votes").querySelector<HTMLElement>(".options button")?.focus();
  }

  private tab(name: string): void {
    for (const one of ["chat", "agenda"]) {
      show(byId(`panel-${one}`), one === name);
      setAttribute(byId(`tab-${one}`), "aria-selected", String(one === name));
    }
  }

  private async share(): Promise<void> {
    if (this.publishing.sharing) {
      this.publishing.unshare();
      await this.desk.command("ShareScreen", { on: false });
      return this.redraw();
    }
    if (!("getDisplayMedia" in (navigator.mediaDevices ?? {}))) return refused(t("no_sharing"), t("no_sharing_fix"));
    if (!(await this.publishing.share())) return;
    if (await this.desk.command("ShareScreen", { on: true })) done(t("share_started"));
    else this.publishing.unshare();
    this.redraw();
  }

  /** The browser's own button ended the sharing. */
  async shareEnded(): Promise<void> {
    await this.desk.command("ShareScreen", { on: false });
  }

  private leave(): void {
    window.location.assign(`/meetings/${facts.meeting}`);
  }

  private choose(): void {
    if (this.state().room?.layout) return refused(t("layout_is_set"), t("layout_is_set_fix"));
    ask(OWN_LAYOUT, this.state(), (given) => {
      this.layout = given.layout ?? null;
      this.view();
    });
  }

  private sparing(on: boolean): void {
    this.audioOnly = on;
    this.publishing.enable("CAMERA", !on);
    notice({ id: "sparing", text: t("notice_sparing"), button: t("see_again"), press: () => this.sparing(false) }, on);
    this.view();
    this.redraw();
  }

  private view(): void {
    this.line.send({ kind: "view", layout: this.layout, audio_only: this.audioOnly });
  }

  /** 听: the loudspeaker of this page on and off. */
  private hear(): void {
    const off = !document.body.classList.contains("unheard");
    document.body.classList.toggle("unheard", off);
    for (const audio of Array.from(byId("sounds").querySelectorAll("audio"))) audio.muted = off;
    announce(t(off ? "sound_off" : "sound_on"));
    this.redraw();
  }

  /** 说: open the microphone where one may, else raise the hand. */
  private speak(): void {
    const state = this.state();
    const me = state.you?.venue ?? 0;
    const held = state.room?.held_mute.includes(me) || state.room?.self_unmute === false;
    this.desk.press(state.room?.muted.includes(me) && held ? "raise_hand" : "microphone");
  }

  /** 求助: raises the hand and shows the number to ring. */
  private callForHelp(): void {
    this.desk.press("raise_hand");
    done(facts.phone ? t("help_called_phone", { phone: facts.phone }) : t("help_called"));
  }

  private elder(): void {
    document.documentElement.toggleAttribute("data-elder", !document.documentElement.hasAttribute("data-elder"));
    this.redraw();
  }

  private help(): void {
    const rows = HELPED.map((id) => h("li", {}, h("code", {}, t(`example_${id}`, { word: wordsOf(id)[0] ?? "" })), h("span", {}, t(`act_${id}`))));
    setText(byId("help-phone"), facts.phone ? t("help_phone", { phone: facts.phone }) : "");
    byId("help-lines").replaceChildren(...rows);
    byId<HTMLDialogElement>("help").showModal();
  }

  /** Everyone sees it as he likes: one venue large, on this page alone. */
  large(venue: Venue): void {
    if (this.state().room?.layout) return refused(t("layout_is_set"), t("layout_is_set_fix"));
    this.layout = { grid: "1+6", slots: [{ binding: "VENUE", venue_id: venue.id }] };
    this.view();
    done(t("seen_large", { name: nameOf(this.state(), venue.id) }), () => {
      this.layout = null;
      this.view();
    });
  }

  /** Of a large meeting the hello names only those online: the chair's page gets the rest once. */
  async load(): Promise<void> {
    if (this.loaded || !facts.many || !chairs(this.state())) return;
    this.loaded = true;
    try {
      const answer = await fetch(`/meetings/${facts.meeting}/venues.json`, { credentials: "same-origin" });
      if (answer.ok) for (const one of (await answer.json()) as Venue[]) (this.state().venues as Map<number, Venue>).set(one.id, one);
      this.redraw();
    } catch {
      this.loaded = false; // the next hello tries again
    }
  }

  render(): void {
    const video = byId("self").querySelector("video");
    const track = this.publishing.stream;
    const held = (video?.srcObject as MediaStream | null)?.getTracks()[0] ?? null;
    if (video && track !== held) video.srcObject = track ? new MediaStream([track]) : null;
    const state = this.state();
    const me = state.you?.venue ?? 0;
    const dark = !track || state.room?.dark.includes(me) || this.audioOnly;
    byId("self").classList.toggle("blanked", !!dark);
    const pressed: [string, boolean][] = [
      ["elder_hear", !document.body.classList.contains("unheard")], ["elder_see", !this.audioOnly], ["elder_say", !state.room?.muted.includes(me)],
    ];
    for (const [act, on] of pressed) {
      const button = document.querySelector(`[data-act="${act}"]`);
      if (button) setAttribute(button, "aria-pressed", String(on));
    }
  }
}
