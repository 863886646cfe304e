// Choosing recipients: a text somebody has begun to change himself is not replaced, and a suggestion is one press.
interface Replacing {
  shouldSwap: boolean;
  target: Element;
}

function changed(part: Element): boolean {
  return Array.from(part.querySelectorAll("textarea")).some((area) => area.value !== area.defaultValue);
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const detail = (event as CustomEvent<Replacing>).detail;
  if (detail.target.id === "rp-text" && changed(detail.target)) detail.shouldSwap = false;
});

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-suggest]");
  const area = button?.closest("form")?.elements.namedItem(button.dataset["suggest"] ?? "");
  if (button && area instanceof HTMLTextAreaElement) {
    area.value = button.dataset["text"] ?? "";
    area.focus();
  }
});

export {};
