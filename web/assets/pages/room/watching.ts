// What this device gets: the server offers, we answer. Which line carries whom is said beside the offer.
import { ice } from "./ice";
import type { Line } from "./line";
import { key } from "./store";
import type { OfferLine, Source } from "./wire";

const RESTART_AFTER_MS = 3_000;

interface Offered {
  version: number;
  sdp: string;
  lines: OfferLine[];
}

export class Watching {
  private pc: RTCPeerConnection | null = null;
  private session = "";
  private readonly videos = new Map<string, MediaStreamTrack>(); // venue and source to what comes
  private readonly sounds = new Map<string, HTMLAudioElement>(); // by line
  private queue: Promise<void> = Promise.resolve();
  private timer = 0;
  private blocked = false;
  lines: OfferLine[] = [];

  constructor(
    private readonly line: Line,
    private readonly changed: () => void,
    private readonly silenced: (on: boolean) => void, // the browser wants a press before it makes sound
    private readonly broken: (on: boolean) => void,
  ) {
    window.addEventListener("online", () => this.restart());
  }

  track(venue: number, source: Source): MediaStreamTrack | null {
    return this.videos.get(key(venue, source)) ?? null;
  }

  offered(offer: Offered): void {
    this.queue = this.queue.then(() => this.take(offer)).catch(() => this.broken(true));
  }

  /** After a press: start every sound the browser held back. */
  unblock(): void {
    this.blocked = false;
    this.silenced(false);
    for (const audio of this.sounds.values()) this.play(audio);
  }

  restart(): void {
    this.pc?.setConfiguration({ iceServers: ice() });
    if (this.pc) this.line.send({ kind: "restart" });
  }

  /** For the tests and the self-check: what the browser counts. */
  stats(): Promise<RTCStatsReport> | null {
    return this.pc?.getStats() ?? null;
  }

  private async take(offer: Offered): Promise<void> {
    const session = /^o=- (\S+)/m.exec(offer.sdp)?.[1] ?? "";
    if (!this.pc || session !== this.session) this.fresh(session);
    const pc = this.pc;
    if (!pc) return;
    await pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    this.line.send({ kind: "answer", version: offer.version, sdp: pc.localDescription?.sdp ?? "" });
    this.bind(pc, offer.lines);
    this.broken(false);
    this.changed();
  }

  private fresh(session: string): void {
    this.pc?.close();
    this.session = session;
    this.videos.clear();
    for (const audio of this.sounds.values()) audio.remove();
    this.sounds.clear();
    const pc = new RTCPeerConnection({ iceServers: ice() });
    pc.oniceconnectionstatechange = () => this.watch(pc);
    this.pc = pc;
  }

  private bind(pc: RTCPeerConnection, lines: OfferLine[]): void {
    const whose = new Map(lines.map((one) => [one.mid, one]));
    this.videos.clear();
    this.lines = lines;
    for (const transceiver of pc.getTransceivers()) {
      const line = whose.get(transceiver.mid ?? "");
      const track = transceiver.receiver.track;
      if (track.kind === "audio") this.hear(transceiver.mid ?? "", track, line?.venue ?? null);
      else if (line?.venue) this.videos.set(key(line.venue, line.source), track);
    }
  }

  private hear(mid: string, track: MediaStreamTrack, venue: number | null): void {
    let audio = this.sounds.get(mid);
    if (!audio) {
      audio = document.createElement("audio");
      audio.autoplay = true;
      audio.srcObject = new MediaStream([track]);
      document.getElementById("sounds")?.append(audio);
      this.sounds.set(mid, audio);
    }
    audio.dataset["venue"] = venue === null ? "" : String(venue);
    this.play(audio);
  }

  private play(audio: HTMLAudioElement): void {
    audio.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError" || this.blocked) return;
      this.blocked = true;
      this.silenced(true);
    });
  }

  private watch(pc: RTCPeerConnection): void {
    if (pc !== this.pc) return;
    const state = pc.iceConnectionState;
    window.clearTimeout(this.timer);
    if (state === "failed") this.again(pc, 0);
    else if (state === "disconnected") this.again(pc, RESTART_AFTER_MS);
    this.broken(state === "failed");
  }

  private again(pc: RTCPeerConnection, after: number): void {
    this.timer = window.setTimeout(() => {
      if (pc !== this.pc || pc.iceConnectionState === "connected" || pc.iceConnectionState === "completed") return;
      this.restart();
      this.again(pc, RESTART_AFTER_MS);
    }, after);
  }
}
