// The draft editor: saves by itself, shows the page and the faults within a second of a pause. Leaving loses nothing.
import { token } from "../meta";
import { say } from "../toast";

const PAUSE_MS = 450;
const AGAIN_MS = 5000;
const form = document.querySelector<HTMLFormElement>("#draft");
const pages = document.getElementById("pages");
const faults = document.getElementById("faults");
const saved = document.getElementById("saved");
const undo = document.getElementById("undo");
const refused = document.getElementById("refused");

interface Mark {
  page: number;
  top: number;
  column: number;
  n: number;
  stop: boolean;
}

interface Answer {
  seq: number;
  saved: string;
  pages: string[];
  marks: Mark[];
  faults: string;
  count: number;
  stops: number;
  fields: Record<string, string>;
  undo: number | null;
}

interface Refusal {
  code: string;
  sentence: string;
}

let timer = 0;
let running: Promise<void> | null = null;
let again = false;

function key(): string {
  return `draft:${form?.dataset["id"] ?? ""}`;
}

function address(rest: string): string {
  return `/documents/${form?.dataset["id"] ?? ""}/${rest}`;
}

function fields(): Record<string, string> {
  const values: Record<string, string> = {};
  if (form) new FormData(form).forEach((value, name) => (values[name] = String(value)));
  delete values["csrf"];
  values["base_seq"] = form?.dataset["seq"] ?? "";
  return values;
}

// What the server has, field by field: only what differs from it is kept on this machine, so that what is put back
// later never undoes a change made elsewhere meanwhile.
let known: Record<string, string> = fields();

function stash(): void {
  const now = fields();
  const typed = Object.entries(now).filter(([name, value]) => name === "base_seq" || value !== known[name]);
  if (typed.length > 1) localStorage.setItem(key(), JSON.stringify(Object.fromEntries(typed)));
}

function fill(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const field = form?.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) {
      if (field.type !== "hidden") field.value = value;
    }
  }
  dress();
}

// Fields that only some kinds have; textareas as tall as their text.
function dress(): void {
  const kind = form?.elements.namedItem("kind");
  const now = kind instanceof HTMLSelectElement ? kind.value : "";
  form?.querySelectorAll<HTMLElement>("[data-only], [data-not]").forEach((el) => {
    const only = el.dataset["only"];
    el.hidden = only ? only !== now : (el.dataset["not"] ?? "").split(" ").includes(now);
  });
  form?.querySelectorAll<HTMLTextAreaElement>("textarea").forEach((area) => {
    const scroller = area.closest<HTMLElement>(".ed");
    const kept = scroller?.scrollTop ?? 0;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
    if (scroller) scroller.scrollTop = kept;
  });
}

function number(mark: Mark): HTMLElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `mark-n c${Math.min(mark.column, 3)}${mark.stop ? " halts" : ""}`;
  made.textContent = String(mark.n);
  made.style.top = `${mark.top}%`;
  made.tabIndex = -1; // the list beside it is the way for the keyboard
  made.setAttribute("aria-hidden", "true");
  made.addEventListener("click", () => {
    view("faults");
    faults?.querySelectorAll<HTMLElement>(".fault")[mark.n - 1]?.scrollIntoView({ block: "nearest" });
  });
  return made;
}

function draw(sources: string[], marks: Mark[]): void {
  if (!pages) return;
  const sheets = Array.from(pages.querySelectorAll<HTMLElement>(".sheet"));
  while (sheets.length > sources.length) sheets.pop()?.remove();
  sources.forEach((source, i) => {
    let sheet = sheets[i];
    if (!sheet) {
      sheet = document.createElement("div");
      sheet.className = "sheet";
      const image = document.createElement("img");
      image.className = "paper";
      image.width = 794;
      image.height = 1123;
      image.alt = (pages.dataset["alt"] ?? "").replace("{n}", String(i + 1));
      sheet.append(image);
      pages.append(sheet);
    }
    const image = sheet.querySelector("img");
    if (image && image.getAttribute("src") !== source) image.src = source;
    sheet.querySelectorAll(".mark-n").forEach((old) => old.remove());
    sheet.append(...marks.filter((mark) => mark.page === i + 1).map(number));
  });
}

function show(answer: Answer): void {
  if (form) form.dataset["seq"] = String(answer.seq);
  if (saved) saved.textContent = answer.saved;
  if (refused) refused.hidden = true;
  draw(answer.pages, answer.marks);
  // A reason that is being written is not taken from under the hand.
  if (faults && !faults.contains(document.activeElement)) faults.innerHTML = answer.faults; // our own server's markup
  document.querySelectorAll<HTMLElement>("[data-count]").forEach((el) => (el.textContent = answer.count ? String(answer.count) : ""));
  document.querySelectorAll<HTMLElement>("[data-mend-all]").forEach((el) => (el.hidden = !/data-fix="all"/.test(answer.faults)));
  document.querySelectorAll<HTMLAnchorElement>("[data-send]").forEach((el) => {
    const first = (el.dataset["first"] ?? "").replace("{n}", String(answer.stops));
    el.textContent = answer.stops ? `${el.dataset["label"] ?? ""}（${first}）` : (el.dataset["label"] ?? "");
    el.classList.toggle("waits", answer.stops > 0);
  });
  const title = form?.elements.namedItem("title");
  const heading = document.querySelector<HTMLElement>("[data-heading]");
  if (heading && title instanceof HTMLTextAreaElement && title.value) heading.textContent = `${title.value}${heading.dataset["heading"] ?? ""}`;
  if (undo) undo.hidden = answer.undo === null;
  if (undo && answer.undo !== null) undo.dataset["seq"] = String(answer.undo);
}

async function ask(path: string, body: object): Promise<Answer | null> {
  const response = await fetch(address(path), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token() },
    body: JSON.stringify(body),
  });
  if (response.ok) return (await response.json()) as Answer;
  if (response.status >= 500) throw new Error(String(response.status));
  // A refusal will not pass by trying again, and what was refused does not stay on this machine either.
  const refusal = (await response.json()) as Refusal;
  localStorage.removeItem(key());
  say(refusal.sentence);
  if (saved) saved.textContent = refused?.dataset["said"] ?? "";
  if (refused) refused.textContent = refusal.sentence;
  if (refused) refused.hidden = false;
  return null;
}

async function keep(): Promise<void> {
  try {
    const sent = fields();
    const answer = await ask("content", sent);
    if (answer) known = { ...sent, base_seq: String(answer.seq) };
    localStorage.removeItem(key());
    if (answer) show(answer);
  } catch {
    stash();
    if (saved) saved.textContent = saved.dataset["offline"] ?? "";
    window.setTimeout(() => void save(), AGAIN_MS);
  }
}

async function save(): Promise<void> {
  window.clearTimeout(timer);
  timer = 0;
  if (!form) return;
  if (running) {
    again = true;
    return running;
  }
  running = keep();
  await running;
  running = null;
  if (again) {
    again = false;
    await save();
  }
}

function soon(): void {
  window.clearTimeout(timer);
  if (saved) saved.textContent = saved.dataset["typing"] ?? "";
  if (undo) undo.hidden = true;
  timer = window.setTimeout(() => void save(), PAUSE_MS);
}

function restore(): void {
  const kept = localStorage.getItem(key());
  if (!kept || !form) return;
  const values = JSON.parse(kept) as Record<string, string>;
  form.dataset["seq"] = values["base_seq"] ?? form.dataset["seq"] ?? "";
  fill(values);
  void save();
}

function view(name: string): void {
  document.body.dataset["view"] = name;
  document.querySelectorAll<HTMLElement>(".seg [data-view-tab]").forEach((tab) => {
    if (tab.dataset["viewTab"] === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  });
  dress();
}

/** Show a fault in the text: the field, and the words in it. */
function go(button: HTMLElement): void {
  const field = form?.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[data-part="${button.dataset["part"] ?? ""}"]`);
  if (!field) return;
  view("write");
  const quote = button.dataset["quote"] ?? "";
  const at = quote ? field.value.indexOf(quote) : -1;
  field.focus();
  if (at < 0) return;
  field.setSelectionRange(at, at + quote.length);
  // The field is as tall as its text: bring the line into view, whoever scrolls here.
  const down = (field.scrollHeight * at) / Math.max(1, field.value.length);
  const scroller = field.closest<HTMLElement>(".ed");
  const room = window.innerHeight / 3;
  if (scroller && scroller.scrollHeight > scroller.clientHeight) scroller.scrollTop += field.getBoundingClientRect().top + down - room;
  else window.scrollBy(0, field.getBoundingClientRect().top + down - room);
}

async function mend(path: string, body: object): Promise<void> {
  try {
    if (timer || running) await save();
    const answer = await ask(path, { ...body, base_seq: Number(form?.dataset["seq"]) });
    if (!answer) return;
    (document.activeElement as HTMLElement | null)?.blur();
    fill(answer.fields);
    known = fields();
    show(answer);
  } catch {
    say(saved?.dataset["offline"] ?? "");
  }
}

function editor(): void {
  form?.addEventListener("input", () => {
    dress();
    soon();
  });
  form?.addEventListener("change", soon);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });
  window.addEventListener("pagehide", () => {
    if (timer || running) stash();
  });
  undo?.addEventListener("click", () => void mend(`versions/${undo.dataset["seq"] ?? ""}/restore`, {}));
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const tab = target.closest<HTMLElement>("[data-view-tab]");
    if (tab) view(tab.dataset["viewTab"] ?? "write");
    const link = target.closest<HTMLAnchorElement>("a[href^='/']");
    if (link && (timer || running)) {
      event.preventDefault(); // what is typed is on its way first; without a line it stays on this machine
      void save().finally(() => window.location.assign(link.href));
      return;
    }
    const goto = target.closest<HTMLElement>("[data-goto]");
    if (goto) go(goto);
    const fix = target.closest<HTMLElement>("[data-fix]");
    if (!fix) return;
    event.preventDefault();
    void mend("fix", { fix: fix.dataset["fix"] });
  });
  view(form?.dataset["firstView"] ?? "write");
  const sources = Array.from(pages?.querySelectorAll("img") ?? [], (image) => image.getAttribute("src") ?? "");
  draw(sources, JSON.parse(pages?.dataset["marks"] ?? "[]") as Mark[]);
  restore();
}

// A chosen or dropped file goes at once; what happens is said in words.
function send(field: HTMLInputElement): void {
  if (!field.files?.length || !field.form) return;
  const words = field.form.querySelectorAll<HTMLElement>("[data-said]");
  words.forEach((word) => (word.textContent = field.dataset["busy"] ?? ""));
  if (!words.length) say(field.dataset["busy"] ?? "");
  const target = field.form;
  if (form) void save().then(() => target.submit());
  else target.submit();
}

document.querySelectorAll<HTMLInputElement>("input[type=file][data-upload]").forEach((field) => {
  field.addEventListener("change", () => send(field));
});
document.querySelectorAll<HTMLElement>(".dropzone").forEach((zone) => {
  const field = zone.querySelector<HTMLInputElement>("input[type=file]");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (!field || !event.dataTransfer?.files.length) return;
    field.files = event.dataTransfer.files;
    send(field);
  });
});

if (form) editor();
