// Single-letter keys: they rest while somebody types or a slip is open, and can be switched off (kept on this device).
const KEPT = "single-keys";

export function keysOn(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // storage refused: keys as they come
  }
}

export function singleKey(event: KeyboardEvent): string {
  const target = event.target as Element;
  if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return "";
  return target.closest("input, textarea, select, dialog[open]") ? "" : event.key.toLowerCase();
}

function show(): void {
  document.querySelectorAll<HTMLElement>("[data-keys]").forEach((line) => {
    line.hidden = false;
    line.querySelector("[data-keys-on]")?.toggleAttribute("hidden", !keysOn());
    const button = line.querySelector<HTMLElement>("[data-keys-switch]");
    if (button) button.textContent = (keysOn() ? button.dataset["off"] : button.dataset["on"]) ?? "";
  });
}

export function keysSwitch(): void {
  show();
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-keys-switch]")) return;
    try {
      localStorage.setItem(KEPT, keysOn() ? "off" : "on");
    } catch {
      return;
    }
    show();
  });
}
