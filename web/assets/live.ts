// News from the server: each message becomes an event on <body>, which htmx parts and pages listen to.
//   live:changed            something of yours changed (also after a reconnect: news may have been missed)
//   live:document-<id>      this document changed; asked for by an element with data-watch="<id>"
import { token } from "./meta";

interface News {
  kind: string;
  document_id?: number;
}

const FIRST_MS = 1000;
const LONGEST_MS = 30000;

function tell(name: string, detail: unknown): void {
  document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
}

function heard(news: News): void {
  if (news.document_id !== undefined) tell(`live:document-${news.document_id}`, news);
  tell("live:changed", news);
}

function watched(): number[] {
  const ids = Array.from(document.querySelectorAll<HTMLElement>("[data-watch]"), (e) => Number(e.dataset["watch"]));
  return Array.from(new Set(ids)).filter((id) => id > 0);
}

class Line {
  private socket: WebSocket | null = null;
  private wait = FIRST_MS;
  private before = false;

  open(): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
    this.socket = socket;
    socket.onopen = () => this.greet(socket);
    socket.onmessage = (event) => heard(JSON.parse(String(event.data)) as News);
    socket.onclose = (event) => this.again(event.code);
  }

  private greet(socket: WebSocket): void {
    this.wait = FIRST_MS;
    socket.send(JSON.stringify({ kind: "hello", token: token() }));
    for (const id of watched()) this.watch(id);
    document.getElementById("offline")?.setAttribute("hidden", "");
    if (this.before) tell("live:changed", { kind: "again" });
    this.before = true;
  }

  watch(id: number): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ kind: "watch", document_id: id }));
  }

  private again(code: number): void {
    if (code === 4401) return location.reload(); // signed out elsewhere
    document.getElementById("offline")?.removeAttribute("hidden");
    window.setTimeout(() => this.open(), this.wait * (0.7 + Math.random() * 0.6));
    this.wait = Math.min(this.wait * 2, LONGEST_MS);
  }
}

export function live(): void {
  if (!token() || !document.body.hasAttribute("data-live")) return;
  const line = new Line();
  line.open();
  document.addEventListener("htmx:load", () => watched().forEach((id) => line.watch(id)));
}
