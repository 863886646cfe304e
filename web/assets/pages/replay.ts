// The replay: every file on one clock. A file plays while the clock is inside it; pages and chat follow the clock.
export {};

interface Track { id: number; venue: string; source: string; at: number }
interface Score {
  meeting: number;
  tracks: Track[];
  marks: { at: number; text: string }[];
  pages: { at: number; paper: number | null; page: number }[];
  chat: { at: number; name: string; text: string }[];
}

const DRIFT = 0.3; // seconds a file may be off before it is set right
const STEP = 10; // seconds of an arrow key

const score = JSON.parse(document.getElementById("score")?.textContent ?? "{}") as Score;
const films = document.getElementById("films") as HTMLElement;
const place = document.getElementById("place") as HTMLInputElement;
const time = document.getElementById("time") as HTMLElement;
const play = document.getElementById("play") as HTMLButtonElement;
const speed = document.getElementById("speed") as HTMLSelectElement;

let at = 0;
let running = false;
let before = performance.now();
let total = 1;

function words(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = String(Math.floor(whole / 60) % 60).padStart(whole >= 3600 ? 2 : 1, "0");
  const tail = `${minutes}:${String(whole % 60).padStart(2, "0")}`;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${tail}` : tail;
}

const players = score.tracks.map((track) => {
  const figure = document.createElement("figure");
  figure.className = "tile";
  const media = document.createElement(track.source === "MICROPHONE" ? "audio" : "video");
  media.src = `/meetings/${score.meeting}/recordings/${track.id}`;
  media.preload = "metadata";
  if (track.source !== "MICROPHONE") {
    const caption = document.createElement("figcaption");
    caption.textContent = track.venue;
    figure.append(media, caption);
    films.append(figure);
  }
  media.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(media.duration)) total = Math.max(total, track.at + media.duration);
    place.max = String(total);
  });
  return { track, media, figure };
});

function follow(): void {
  for (const { track, media, figure } of players) {
    const own = at - track.at;
    const inside = own >= 0 && (!Number.isFinite(media.duration) || own < media.duration);
    figure.hidden = !inside;
    if (!inside) {
      if (!media.paused) media.pause();
      continue;
    }
    if (Math.abs(media.currentTime - own) > DRIFT) media.currentTime = own;
    media.playbackRate = Number(speed.value);
    if (running && media.paused) void media.play().catch(() => undefined);
    if (!running && !media.paused) media.pause();
  }
}

function lay(): void {
  const figure = document.getElementById("onpage") as HTMLElement;
  const image = figure.querySelector("img") as HTMLImageElement;
  const shown = score.pages.filter((one) => one.at <= at).pop();
  figure.hidden = !shown || shown.paper === null;
  if (!shown || shown.paper === null) return;
  const source = `/meetings/${score.meeting}/papers/${shown.paper}/pages/${shown.page}.png`;
  if (image.getAttribute("src") === source) return;
  image.src = source;
  image.alt = (figure.closest<HTMLElement>(".replay")?.dataset["page"] ?? "").replace("{page}", String(shown.page));
}

function draw(): void {
  place.value = String(at);
  time.textContent = `${words(at)} / ${words(total)}`;
  document.querySelectorAll<HTMLElement>("[data-at]").forEach((one) => {
    one.classList.toggle("past", Number(one.dataset["at"]) <= at);
  });
  lay();
}

function go(to: number): void {
  at = Math.min(Math.max(to, 0), total);
  before = performance.now();
  follow();
  draw();
}

function toggle(): void {
  running = !running && at < total;
  if (at >= total) go(0);
  before = performance.now();
  play.textContent = running ? play.dataset["pause"] ?? "" : play.dataset["play"] ?? "";
  follow();
}

function line(one: { at: number; text: string }, name = ""): HTMLLIElement {
  const made = document.createElement("li");
  made.className = "line";
  made.dataset["at"] = String(one.at);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn plain";
  button.textContent = `${words(Math.max(0, one.at))}　${name ? `${name}：` : ""}${one.text}`;
  button.addEventListener("click", () => go(one.at));
  made.append(button);
  return made;
}

document.getElementById("marks")?.append(...score.marks.map((one) => line(one)));
(document.getElementById("no-marks") as HTMLElement).hidden = score.marks.length > 0;
document.getElementById("lines")?.append(...score.chat.map((one) => line(one, one.name)));
play.addEventListener("click", toggle);
place.addEventListener("input", () => go(Number(place.value)));
document.addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLButtonElement) return;
  if (event.key === " ") event.preventDefault(), toggle();
  if (event.target === place) return;
  if (event.key === "ArrowLeft") go(at - STEP);
  if (event.key === "ArrowRight") go(at + STEP);
});
window.setInterval(() => {
  const now = performance.now();
  if (running) {
    at += ((now - before) / 1000) * Number(speed.value);
    if (at >= total) toggle();
  }
  before = now;
  follow();
  draw();
}, 250);
draw();
