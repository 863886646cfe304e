// The draft editor: saves by itself, shows the page and the faults within a second of a pause. Leaving loses nothing.
import { token } from "../meta";

const PAUSE_MS = 450;
const form = document.querySelector<HTMLFormElement>("#draft");
const pages = document.getElementById("pages");
const faults = document.getElementById("faults");
const saved = document.getElementById("saved");

interface Answer {
  seq: number;
  saved: string;
  pages: string[];
  faults: string;
  count: number;
  stops: number;
}

let timer = 0;
let running = false;
let again = false;

function key(): string {
  return `draft:${form?.dataset["id"] ?? ""}`;
}

function fields(): Record<string, string> {
  const values: Record<string, string> = {};
  if (form) new FormData(form).forEach((value, name) => (values[name] = String(value)));
  return values;
}

function show(answer: Answer): void {
  if (form) form.dataset["seq"] = String(answer.seq);
  if (saved) saved.textContent = answer.saved;
  if (pages) {
    const images = answer.pages.map((source, i) => {
      const image = document.createElement("img");
      image.className = "paper";
      image.src = source;
      image.alt = `${pages.dataset["alt"] ?? ""} ${i + 1}`;
      return image;
    });
    pages.replaceChildren(...images);
  }
  if (faults) faults.innerHTML = answer.faults; // our own server's markup, escaped there
  document.querySelectorAll<HTMLElement>("[data-count]").forEach((el) => (el.textContent = answer.count ? String(answer.count) : ""));
  document.querySelectorAll<HTMLAnchorElement>("[data-send]").forEach((el) => {
    el.textContent = answer.stops ? `${el.dataset["label"] ?? ""}（${(el.dataset["first"] ?? "").replace("{n}", String(answer.stops))}）` : (el.dataset["label"] ?? "");
    el.classList.toggle("waits", answer.stops > 0);
  });
}

async function save(): Promise<void> {
  if (!form) return;
  if (running) return void (again = true);
  running = true;
  try {
    const response = await fetch(`/documents/${form.dataset["id"] ?? ""}/content`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
      body: JSON.stringify({ ...fields(), base_seq: Number(form.dataset["seq"]) }),
    });
    if (!response.ok) throw new Error(await response.text());
    show((await response.json()) as Answer);
    localStorage.removeItem(key());
  } catch {
    localStorage.setItem(key(), JSON.stringify(fields()));
    if (saved) saved.textContent = saved.dataset["offline"] ?? "";
    window.setTimeout(() => void save(), 5000);
  } finally {
    running = false;
    if (again) {
      again = false;
      void save();
    }
  }
}

function soon(): void {
  window.clearTimeout(timer);
  if (saved) saved.textContent = saved.dataset["typing"] ?? "";
  timer = window.setTimeout(() => void save(), PAUSE_MS);
}

function restore(): void {
  const kept = localStorage.getItem(key());
  if (!kept || !form) return;
  for (const [name, value] of Object.entries(JSON.parse(kept) as Record<string, string>)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
  }
  void save();
}

function view(name: string): void {
  document.body.dataset["view"] = name;
  document.querySelectorAll<HTMLElement>("[data-view-tab]").forEach((tab) => {
    if (tab.dataset["viewTab"] === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  });
}

form?.addEventListener("input", soon);
form?.addEventListener("change", soon);
window.addEventListener("pagehide", () => {
  if (form && timer) localStorage.setItem(key(), JSON.stringify(fields()));
});
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const tab = target.closest<HTMLElement>("[data-view-tab]");
  if (tab) view(tab.dataset["viewTab"] ?? "write");
  const fix = target.closest<HTMLElement>("[data-fix]");
  if (fix && form) void apply(fix);
});

async function apply(fix: HTMLElement): Promise<void> {
  const response = await fetch(`/documents/${form?.dataset["id"] ?? ""}/fix`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
    body: JSON.stringify({ fix: fix.dataset["fix"], base_seq: Number(form?.dataset["seq"]) }),
  });
  if (response.ok) window.location.reload();
}

document.querySelectorAll<HTMLInputElement>("input[type=file][data-upload]").forEach((field) => {
  field.addEventListener("change", () => field.files?.length && field.form?.requestSubmit());
});

view(document.body.dataset["view"] ?? "write");
restore();
void save();
