// What this device sends: microphone and camera, later the screen. We offer, the server answers.
import { ice } from "./ice";
import type { Line } from "./line";
import type { Source } from "./wire";

const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 450_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];
const SCREEN_BITRATE = 2_000_000;
const RESTART_AFTER_MS = 3_000;
const AGAIN_MS = 150;
const LONGEST_MS = 3_000;
const SAID_AFTER = 12; // tries

export type Trouble = "camera" | "microphone" | "both" | "unplugged" | "media" | "screen";

export interface Chosen {
  camera: string;
  microphone: string;
}

/** The devices chosen on the page before the room, kept on this machine. */
export function chosen(): Chosen {
  try {
    return { camera: localStorage.getItem("room-camera") ?? "", microphone: localStorage.getItem("room-microphone") ?? "" };
  } catch {
    return { camera: "", microphone: "" };
  }
}

const sound = (id: string): MediaTrackConstraints => ({
  echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(id ? { deviceId: { ideal: id } } : {}),
});

const picture = (id: string): MediaTrackConstraints => ({
  width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 }, ...(id ? { deviceId: { ideal: id } } : {}),
});

/** A track of one kind; null where there is none or it was refused. */
export async function capture(source: "MICROPHONE" | "CAMERA"): Promise<MediaStreamTrack | null> {
  const wish = chosen();
  try {
    const asked = source === "CAMERA" ? { video: picture(wish.camera) } : { audio: sound(wish.microphone) };
    const stream = await navigator.mediaDevices.getUserMedia(asked);
    return stream.getTracks()[0] ?? null;
  } catch {
    return null;
  }
}

/** Both with one question to the person, then each for itself. */
async function captureBoth(): Promise<Map<Source, MediaStreamTrack>> {
  const found = new Map<Source, MediaStreamTrack>();
  const wish = chosen();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: sound(wish.microphone), video: picture(wish.camera) });
    for (const track of stream.getTracks()) found.set(track.kind === "audio" ? "MICROPHONE" : "CAMERA", track);
    return found;
  } catch {
    for (const source of ["MICROPHONE", "CAMERA"] as const) {
      const track = await capture(source);
      if (track) found.set(source, track);
    }
    return found;
  }
}

export class Publishing {
  private pc: RTCPeerConnection | null = null;
  private readonly tracks = new Map<Source, MediaStreamTrack>();
  private readonly enabled = new Map<Source, boolean>([["MICROPHONE", true], ["CAMERA", true]]);
  private lines = new Map<Source, RTCRtpTransceiver>();
  private offering: RTCPeerConnection | null = null;
  private restart = false;
  private dirty = false;
  private timer = 0;
  private retry = 0;
  private tries = 0;

  constructor(
    private readonly line: Line,
    private readonly trouble: (what: Trouble, on: boolean) => void,
    private readonly changed: () => void,
    private readonly screenEnded: () => void, // by the browser's own button
  ) {
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.replug());
    window.addEventListener("online", () => this.again(true));
  }

  get stream(): MediaStreamTrack | null {
    return this.tracks.get("CAMERA") ?? null;
  }

  get sharing(): boolean {
    return this.tracks.has("SCREEN");
  }

  /** For the tests and the help desk: what the browser counts of what is sent. */
  stats(): Promise<RTCStatsReport> | null {
    return this.pc?.getStats() ?? null;
  }

  has(source: Source): boolean {
    return this.tracks.has(source);
  }

  /** Take the devices once; what is missing is said, and the rest goes on. */
  async prepare(): Promise<void> {
    if (!navigator.mediaDevices) return this.trouble("both", true);
    const found = await captureBoth();
    for (const [source, track] of found) this.keep(source, track);
    const camera = found.has("CAMERA");
    const microphone = found.has("MICROPHONE");
    if (!camera && !microphone) this.trouble("both", true);
    else if (!camera) this.trouble("camera", true);
    else if (!microphone) this.trouble("microphone", true);
    this.changed();
  }

  /** Publish from nothing: after joining, and after the engine came back. */
  start(): void {
    this.close();
    if (!this.tracks.size) return;
    const pc = new RTCPeerConnection({ iceServers: ice() });
    this.pc = pc;
    pc.oniceconnectionstatechange = () => this.watch(pc);
    for (const source of ["MICROPHONE", "CAMERA", "SCREEN"] as const) this.add(source);
    this.again(false);
  }

  /** The line to the hub is back: an offer that was never answered is made again. */
  resume(): void {
    const state = this.pc?.iceConnectionState;
    if (this.pc && state !== "connected" && state !== "completed") this.again(state !== "new");
  }

  /** Stop sending; the devices stay open for coming back on air. */
  close(): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.retry);
    this.tries = 0;
    this.pc?.close();
    this.pc = null;
    this.lines = new Map();
    this.restart = this.dirty = false;
  }

  /** The light of the button and what is sent agree; that others hear nothing is the server's doing. */
  enable(source: Source, on: boolean): void {
    this.enabled.set(source, on);
    const track = this.tracks.get(source);
    if (track) track.enabled = on;
  }

  async share(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
      const [track] = stream.getVideoTracks();
      if (!track) return false;
      track.contentHint = "detail";
      this.keep("SCREEN", track);
    } catch {
      return false;
    }
    this.add("SCREEN");
    this.again(false);
    return true;
  }

  unshare(): void {
    this.tracks.get("SCREEN")?.stop();
    this.tracks.delete("SCREEN");
    const line = this.lines.get("SCREEN");
    if (line) {
      line.direction = "inactive";
      void line.sender.replaceTrack(null);
      this.again(false);
    }
    this.changed();
  }

  private keep(source: Source, track: MediaStreamTrack): void {
    this.tracks.get(source)?.stop();
    this.tracks.set(source, track);
    track.enabled = this.enabled.get(source) ?? true;
    track.onended = () => this.ended(source, track);
  }

  private ended(source: Source, track: MediaStreamTrack): void {
    if (this.tracks.get(source) !== track) return;
    if (source === "SCREEN") {
      this.unshare();
      return this.screenEnded();
    }
    this.tracks.delete(source);
    this.trouble("unplugged", true);
    this.changed();
  }

  /** Something was plugged in or out: a source without a track is tried again. */
  private async replug(): Promise<void> {
    for (const source of ["MICROPHONE", "CAMERA"] as const) {
      if (this.tracks.has(source)) continue;
      const track = await capture(source);
      if (!track) continue;
      this.keep(source, track);
      const line = this.lines.get(source);
      if (line) await line.sender.replaceTrack(track);
      else if (this.pc) {
        this.add(source);
        this.again(false);
      } else this.start();
      this.trouble("unplugged", false);
      this.trouble(source === "CAMERA" ? "camera" : "microphone", false);
      this.trouble("both", false);
    }
    this.changed();
  }

  private add(source: Source): void {
    const track = this.tracks.get(source);
    if (!track || !this.pc) return;
    const known = this.lines.get(source);
    if (known) {
      known.direction = "sendonly";
      void known.sender.replaceTrack(track);
      return;
    }
    const sendEncodings = source === "CAMERA" ? LAYERS : source === "SCREEN" ? [{ maxBitrate: SCREEN_BITRATE }] : undefined;
    this.lines.set(source, this.pc.addTransceiver(track, { direction: "sendonly", ...(sendEncodings ? { sendEncodings } : {}) }));
  }

  private again(restart: boolean): void {
    if (!this.pc) return;
    this.restart ||= restart;
    this.dirty = true;
    if (this.offering !== this.pc) void this.offer(this.pc);
  }

  /** One offer at a time for each connection. What waits on a connection that was closed never comes back (W3C WebRTC,
   * 4.4.1.2), so a new one does not wait for it. */
  private async offer(pc: RTCPeerConnection): Promise<void> {
    this.offering = pc;
    while (this.dirty && pc === this.pc) {
      this.dirty = false;
      if (!(await this.negotiate(pc))) break;
    }
    if (this.offering === pc) this.offering = null;
  }

  private async negotiate(pc: RTCPeerConnection): Promise<boolean> {
    const iceRestart = this.restart;
    if (iceRestart) pc.setConfiguration({ iceServers: ice() });
    this.restart = false;
    await pc.setLocalDescription(await pc.createOffer({ iceRestart }));
    const lines = Array.from(this.lines, ([source, one]) => ({ mid: one.mid ?? "", source }));
    const answer = await this.line.ask({ kind: "publish", sdp: pc.localDescription?.sdp ?? "", lines });
    if (pc !== this.pc || pc.signalingState === "closed") return true;
    if (answer.done) {
      await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.tries = 0;
      this.trouble("media", false);
      return true;
    }
    await pc.setLocalDescription({ type: "rollback" });
    return this.refused(answer.code, iceRestart);
  }

  /** Tried again, soon at first, for as long as it takes: the engine may just be starting. A line that is back resumes. */
  private refused(code: string, iceRestart: boolean): boolean {
    if (code === "Line") return false;
    this.restart ||= iceRestart;
    this.tries += 1;
    if (this.tries > SAID_AFTER) this.trouble("media", true);
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.again(false), Math.min(AGAIN_MS * this.tries, LONGEST_MS));
    return false;
  }

  private watch(pc: RTCPeerConnection): void {
    if (pc !== this.pc) return;
    const state = pc.iceConnectionState;
    window.clearTimeout(this.timer);
    if (state === "failed") this.again(true);
    if (state === "failed" || state === "disconnected") {
      this.timer = window.setTimeout(() => pc === this.pc && pc.iceConnectionState !== "connected" && this.again(true), RESTART_AFTER_MS);
    }
    this.trouble("media", state === "failed");
  }
}
