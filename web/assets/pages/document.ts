// The document page: slips as dialogs, handwriting, keys. Without this script every form still works from 更多.
import { ink } from "../ink";
import { singleKey } from "../keys";
import { reading } from "../aloud";

function open(name: string): void {
  const current = document.querySelector<HTMLDialogElement>("dialog[open]");
  current?.close();
  const slip = document.getElementById(name) as HTMLDialogElement | null;
  if (!slip) return;
  slip.showModal();
  slip.querySelectorAll<HTMLElement>("[data-ink]").forEach(ink);
  // Where nothing needs to be written the send button has the focus: one press opens, the next sends.
  const first = slip.querySelector<HTMLElement>("[autofocus]:not([disabled])");
  const write = slip.querySelector<HTMLElement>("textarea[required]");
  (write ?? first ?? slip.querySelector<HTMLElement>("textarea, input:not([type=hidden]), select, button"))?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-slip]");
  if (opener) open(opener.dataset["slip"] ?? "");
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  const fill = target.closest<HTMLElement>("[data-fill]");
  if (fill) {
    const field = document.getElementById(fill.dataset["fill"] ?? "") as HTMLTextAreaElement | null;
    const said = fill.textContent ?? "";
    if (field) field.value = field.value && !/[。；]\s*$/.test(field.value) ? `${field.value}；${said}` : field.value + said;
  }
});

document.addEventListener("keydown", (event) => {
  const key = singleKey(event);
  if (key) document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.click();
});

// The thumbnail of the page one is at.
function follow(stage: HTMLElement): void {
  const seen = new Map<Element, number>();
  const watch = new IntersectionObserver(
    (changes) => {
      changes.forEach((change) => seen.set(change.target, change.intersectionRect.height));
      const first = Array.from(seen).reduce((best, page) => (page[1] > best[1] ? page : best));
      document.querySelectorAll<HTMLAnchorElement>(".thumbs a").forEach((thumb) => {
        if (thumb.hash !== `#${first[0].id}`) return thumb.removeAttribute("aria-current");
        if (thumb.hasAttribute("aria-current")) return;
        thumb.setAttribute("aria-current", "true");
        const list = thumb.parentElement;
        if (list) list.scrollTop = Math.max(0, thumb.offsetTop - list.offsetTop - list.clientHeight / 2);
      });
    },
    { root: stage, threshold: [0, 0.25, 0.5, 0.75, 1] },
  );
  stage.querySelectorAll(".paper[id]").forEach((page) => watch.observe(page));
}

const stage = document.getElementById("paper");
if (stage && matchMedia("(min-width: 900px)").matches) follow(stage);
reading();
