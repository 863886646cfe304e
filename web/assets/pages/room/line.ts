// The line to the room: hello, orders with answers, a beat, and coming back by itself.
import { token } from "../../meta";
import type { Told } from "./wire";

const BEAT_MS = 10_000;
const FIRST_MS = 500;
const LONGEST_MS = 5_000;
const ANSWER_MS = 15_000;
const SIGNED_OUT = 4401;
const FINAL = new Set([4403, 4409]);

export interface Answer {
  done: boolean;
  id: number;
  undo: boolean;
  code: string;
  sentence: string;
  fix: string;
  sdp: string;
}

export type Opening = { venue: number; after: number; audio_only: boolean };

/** The name of this page among the devices of its venue: kept while the tab lives. */
export function device(): string {
  const kept = "room-device";
  try {
    const known = sessionStorage.getItem(kept);
    if (known) return known;
    const fresh = Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem(kept, fresh);
    return fresh;
  } catch {
    return Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
  }
}

export class Line {
  private socket: WebSocket | null = null;
  private wait = FIRST_MS;
  private next = 1;
  private over = false;
  private begun = false;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly device = device();

  constructor(
    private readonly meeting: number,
    private readonly opening: () => Opening,
    private readonly heard: (told: Told) => void,
    private readonly turned: (connected: boolean) => void,
  ) {
    window.setInterval(() => this.send({ kind: "beat" }), BEAT_MS);
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("pageshow", () => this.hurry());
    window.addEventListener("pagehide", () => this.socket?.close(1000));
  }

  open(): void {
    this.begun = true;
    if (this.socket) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/rooms/${this.meeting}`);
    this.socket = socket;
    socket.onopen = () => socket === this.socket && this.greet();
    socket.onmessage = (event) => socket === this.socket && this.take(JSON.parse(String(event.data)) as Told);
    socket.onclose = (event) => this.lost(socket, event.code);
  }

  /** Ask for the whole state. */
  greet(): void {
    this.send({ kind: "hello", token: token(), protocol: 1, device: this.device, ...this.opening() });
  }

  send(message: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Send something that is answered with done, refused or published; a broken line is a refusal with code "Line". */
  ask(message: Record<string, unknown>): Promise<Answer> {
    const id = this.next++;
    return new Promise((answered) => {
      const give = (answer: Answer): void => {
        if (this.waiting.delete(id)) answered(answer);
      };
      this.waiting.set(id, give);
      if (!this.send({ ...message, id })) return give(noAnswer(id));
      window.setTimeout(() => give(noAnswer(id)), ANSWER_MS);
    });
  }

  private take(told: Told): void {
    if (told.kind === "hello") {
      this.wait = FIRST_MS;
      this.turned(true);
    }
    if (told.kind === "bye") this.over = !told.again;
    this.heard(told);
    if (told.kind !== "done" && told.kind !== "refused" && told.kind !== "published") return;
    const empty = { undo: false, code: "", sentence: "", fix: "", sdp: "" };
    this.waiting.get(told.id)?.({ ...empty, ...told, done: told.kind !== "refused" });
  }

  private lost(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = null;
    for (const [id, give] of Array.from(this.waiting)) give(noAnswer(id));
    if (code === SIGNED_OUT) return location.reload();
    if (this.over || FINAL.has(code)) return;
    this.turned(false);
    window.setTimeout(() => this.again(), this.wait * (0.7 + Math.random() * 0.6));
    this.wait = Math.min(this.wait * 2, LONGEST_MS);
  }

  private again(): void {
    if (this.begun && !this.socket && !this.over) this.open();
  }

  private hurry(): void {
    this.wait = FIRST_MS;
    this.again();
  }
}

function noAnswer(id: number): Answer {
  return { done: false, id, undo: false, code: "Line", sentence: "", fix: "", sdp: "" };
}
