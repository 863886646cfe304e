// Doing things: an act by button, key or /line goes to the hub, and what came of it is said.
import { type Act, type Given, actOf } from "./acts";
import { ask } from "./asking";
import type { Answer, Line } from "./line";
import { understand } from "./spoken";
import type { State } from "./store";
import { done, refused } from "./telling";
import { has, t } from "./words";

const QUIET = new Set(["microphone", "camera", "raise_hand", "lower_hand", "answer"]); // the button itself shows it

export class Desk {
  constructor(
    private readonly line: Line,
    private readonly state: () => State,
    private readonly local: (id: string) => void,
  ) {}

  /** Press: ask what is missing, then do it. */
  press(id: string, given?: Given): void {
    const act = actOf(id);
    if (!act) return this.local(id);
    if (given || !act.fields.length) return void this.perform(act, given ?? {});
    ask(act, this.state(), (read) => void this.perform(act, read));
  }

  /** A /line. Empty names where an act needs one open its slip. */
  say(text: string): boolean {
    const spoken = understand(text, this.state());
    if ("wrong" in spoken) {
      refused(spoken.wrong);
      return false;
    }
    if ("local" in spoken) this.local(spoken.local);
    else if (spoken.act.fields.includes("sure")) this.press(spoken.act.id);
    else void this.perform(spoken.act, spoken.given);
    return true;
  }

  async perform(act: Act, given: Given): Promise<boolean> {
    const before = this.state().said;
    const answer = await this.send(act.command, act.with(given, this.state()));
    if (!answer.done) return false;
    const said = this.state().said;
    if (!QUIET.has(act.id) || answer.undo) {
      const sentence = said && said !== before ? said : t("done", { act: t(`act_${act.id}`) });
      if (!QUIET.has(act.id)) done(sentence, answer.undo ? () => void this.undo(answer.id) : undefined);
    }
    return true;
  }

  /** A command without a sentence of its own. */
  async command(name: string, fields: Record<string, unknown>): Promise<boolean> {
    return (await this.send(name, fields)).done;
  }

  private async send(command: string, fields: Record<string, unknown>): Promise<Answer> {
    const fence = this.state().room?.chair?.fence ?? 0;
    const answer = await this.line.ask({ kind: "do", command, with: fields, fence });
    if (!answer.done) refused(answer.sentence || t("no_line"), answer.fix || (has(`fix_${answer.code}`) ? t(`fix_${answer.code}`) : ""));
    return answer;
  }

  private async undo(of: number): Promise<void> {
    const answer = await this.line.ask({ kind: "undo", of });
    if (answer.done) done(t("undone"));
    else refused(answer.sentence || t("no_line"), answer.fix);
  }
}
