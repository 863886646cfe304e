// The document page: slips as dialogs, handwriting, keys. Without this script every form still works from 更多.
import { ink } from "../ink";

function open(name: string): void {
  const current = document.querySelector<HTMLDialogElement>("dialog[open]");
  current?.close();
  const slip = document.getElementById(name) as HTMLDialogElement | null;
  if (!slip) return;
  slip.showModal();
  slip.querySelectorAll<HTMLElement>("[data-ink]").forEach(ink);
  slip.querySelector<HTMLElement>("textarea, input:not([type=hidden]), select, button")?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-slip]");
  if (opener) open(opener.dataset["slip"] ?? "");
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  const fill = target.closest<HTMLElement>("[data-fill]");
  if (fill) {
    const field = document.getElementById(fill.dataset["fill"] ?? "") as HTMLTextAreaElement | null;
    if (field) field.value = field.value ? `${field.value}；${fill.textContent ?? ""}` : (fill.textContent ?? "");
  }
});

// Single keys rest while somebody types or a slip is open.
document.addEventListener("keydown", (event) => {
  const target = event.target as Element;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, dialog[open]")) return;
  document.querySelector<HTMLElement>(`[data-key="${event.key.toLowerCase()}"]`)?.click();
});
