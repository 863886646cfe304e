// The page before the room: tries camera, microphone, loudspeaker, line and clock, and says in words what is wrong.
import { token } from "../meta";
import { byId, h, setAttribute, setText, show } from "./room/dom";
import { facts, t } from "./room/words";

type Kind = "camera" | "microphone";
type Verdict = "ok" | "note" | "bad" | "wait";

const SLOW_MS = 300;
const LATE_S = 5;
const LOUD = 0.02;
const WITHIN_MS = 6_000;
const SIGN: Record<Verdict, string> = { ok: "✓", note: "!", bad: "✗", wait: "…" };

const verdicts = new Map<string, Verdict>();
const streams = new Map<Kind, MediaStream>();
let sound: AudioContext | null = null;

function say(id: string, verdict: Verdict, text: string, fix = ""): void {
  const row = byId(`check-${id}`);
  row.dataset["state"] = verdict;
  setText(row.querySelector(".sign"), SIGN[verdict]);
  setText(row.querySelector(".word"), text);
  const way = row.querySelector<HTMLElement>(".fix");
  if (way) {
    setText(way, fix);
    show(way, fix !== "");
  }
  verdicts.set(id, verdict);
  summary();
}

function summary(): void {
  const found = [...verdicts.values()];
  if (found.includes("wait") || found.length < 5) return;
  const wrong = found.filter((one) => one === "bad" || one === "note").length;
  setText(byId("summary"), wrong ? t("some_wrong", { count: wrong }) : t("all_right"));
}

function kept(kind: Kind): string {
  try {
    return localStorage.getItem(`room-${kind}`) ?? "";
  } catch {
    return "";
  }
}

async function device(kind: Kind): Promise<void> {
  say(kind, "wait", t("check_wait"));
  if (!navigator.mediaDevices) return say(kind, "bad", t("insecure"), t("insecure_fix"));
  for (const track of streams.get(kind)?.getTracks() ?? []) track.stop();
  const wish = kept(kind) ? { deviceId: { ideal: kept(kind) } } : {};
  try {
    const stream = await navigator.mediaDevices.getUserMedia(kind === "camera" ? { video: { width: { ideal: 1280 }, height: { ideal: 720 }, ...wish } } : { audio: wish });
    streams.set(kind, stream);
    const name = stream.getTracks()[0]?.label || t(kind);
    say(kind, "ok", t(`ok_${kind}`, { name }));
    if (kind === "camera") picture(stream);
    else listen(stream);
    await choices(kind);
  } catch (error) {
    failed(kind, error);
  }
}

function failed(kind: Kind, error: unknown): void {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return say(kind, "bad", t(`denied_${kind}`), t("denied_fix"));
  if (name === "NotFoundError" || name === "OverconstrainedError") return say(kind, "bad", t(`no_${kind}`), t(`no_${kind}_fix`));
  say(kind, "bad", t(`busy_${kind}`), t(`busy_${kind}_fix`));
}

function picture(stream: MediaStream): void {
  const video = byId("check-picture").querySelector("video");
  if (!video) return;
  video.muted = true;
  video.srcObject = stream;
  byId("check-picture").classList.remove("blanked");
  void video.play().catch(() => undefined);
}

function listen(stream: MediaStream): void {
  sound ??= new AudioContext();
  const analyser = sound.createAnalyser();
  sound.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const bar = byId("meter");
  let heard = false;
  const look = (): void => {
    if (streams.get("microphone") !== stream) return;
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
    const level = Math.min(100, Math.round(loud * 400));
    (bar.firstElementChild as HTMLElement).style.width = `${level}%`;
    setAttribute(bar, "aria-valuenow", String(level));
    if (loud > LOUD && !heard) {
      heard = true;
      say("microphone", "ok", t("heard_microphone"));
    }
    window.setTimeout(look, 80);
  };
  look();
}

/** Where there are several, one may choose; the choice is kept on this machine. */
async function choices(kind: Kind): Promise<void> {
  const wanted = kind === "camera" ? "videoinput" : "audioinput";
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === wanted && one.deviceId);
  const select = byId<HTMLSelectElement>(kind);
  const used = streams.get(kind)?.getTracks()[0]?.getSettings().deviceId ?? "";
  select.replaceChildren(...found.map((one) => h("option", { value: one.deviceId }, one.label || t(kind))));
  select.value = used;
  show(select.closest<HTMLElement>("label") ?? select, found.length > 1);
}

function chooses(kind: Kind): void {
  byId<HTMLSelectElement>(kind).addEventListener("change", (event) => {
    try {
      localStorage.setItem(`room-${kind}`, (event.target as HTMLSelectElement).value);
    } catch {
      return; // storage refused: the first device it is
    }
    void device(kind);
  });
}

function tone(): void {
  sound ??= new AudioContext();
  const context = sound;
  void context.resume();
  const source = context.createOscillator();
  const volume = context.createGain();
  source.frequency.value = 660;
  volume.gain.setValueAtTime(0.0001, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.25, context.currentTime + 0.05);
  volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 1.2);
  source.connect(volume).connect(context.destination);
  source.start();
  source.stop(context.currentTime + 1.3);
  for (const id of ["heard", "not-heard"]) show(byId(id), true);
}

async function line(): Promise<void> {
  for (const id of ["line", "clock"]) say(id, "wait", t("check_wait"));
  const times: number[] = [];
  let skew = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 4; turn++) {
    const before = performance.now();
    const at = Date.now();
    try {
      const answer = await fetch(`/meetings/${facts.meeting}/clock`, { credentials: "same-origin" });
      const { now } = (await answer.json()) as { now: string };
      const took = performance.now() - before;
      times.push(took);
      const off = Date.parse(now) - (at + took / 2);
      if (Math.abs(off) < Math.abs(skew)) skew = off;
    } catch {
      say("clock", "note", t("no_line_check"));
      return say("line", "bad", t("no_line_check"), t("no_line_check_fix"));
    }
  }
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (seconds >= LATE_S) say("clock", "note", t("bad_clock", { seconds }), t("bad_clock_fix"));
  else say("clock", "ok", t("ok_clock"));
  const ms = Math.round(Math.min(...times));
  if (!(await socket())) return say("line", "bad", t("no_socket"), t("no_socket_fix"));
  if (ms > SLOW_MS) say("line", "note", t("slow_line", { ms }), t("slow_line_fix"));
  else say("line", "ok", t("ok_line", { ms }));
}

/** Whether a socket of ours gets through whatever stands between. */
function socket(): Promise<boolean> {
  return new Promise((answer) => {
    const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
    const end = (good: boolean): void => {
      window.clearTimeout(timer);
      opened.onclose = null;
      opened.close();
      answer(good);
    };
    const timer = window.setTimeout(() => end(false), WITHIN_MS);
    opened.onopen = () => {
      opened.send(JSON.stringify({ kind: "hello", token: token() }));
      end(true);
    };
    opened.onclose = () => end(false);
  });
}

function all(): void {
  say("speaker", "wait", t("ask_speaker"));
  verdicts.set("speaker", "ok"); // asked, not a fault
  void device("camera").then(() => device("microphone"));
  void line();
}

byId("tone").addEventListener("click", tone);
byId("heard").addEventListener("click", () => say("speaker", "ok", t("ok_speaker")));
byId("not-heard").addEventListener("click", () => say("speaker", "bad", t("bad_speaker"), t("bad_speaker_fix")));
byId("again").addEventListener("click", all);
for (const kind of ["camera", "microphone"] as const) chooses(kind);
navigator.mediaDevices?.addEventListener("devicechange", () => void Promise.all([device("camera"), device("microphone")]));
window.addEventListener("pagehide", () => streams.forEach((stream) => stream.getTracks().forEach((track) => track.stop())));
all();
