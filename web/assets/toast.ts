// One toast with undo. The same words are in the history, so missing it costs nothing.
const SHOWN_MS = 8000;

function countdown(toast: HTMLElement): void {
  const left = toast.querySelector<HTMLElement>("[data-until]");
  if (!left) return void window.setTimeout(() => toast.remove(), SHOWN_MS);
  const until = Number(left.dataset["until"]);
  const tick = (): void => {
    const seconds = Math.round((until - Date.now()) / 1000);
    if (seconds <= 0) return toast.remove();
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    window.setTimeout(tick, 1000);
  };
  tick();
}

/** Say one sentence in the toast region; no markup. */
export function say(sentence: string): void {
  const region = document.getElementById("toast");
  if (!region) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("span");
  words.textContent = sentence;
  toast.append(words);
  region.replaceChildren(toast);
  countdown(toast);
}

interface Swapping {
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  isError: boolean;
}

export function toasts(): void {
  document.querySelectorAll<HTMLElement>("#toast > .toast").forEach(countdown);
  // A refusal is an answer too: show it where the server says.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<Swapping>).detail;
    if (detail.xhr.status >= 400 && detail.xhr.getResponseHeader("HX-Retarget")) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    document.querySelectorAll<HTMLElement>("#toast > .toast:not([data-seen])").forEach((toast) => {
      toast.dataset["seen"] = "1";
      countdown(toast);
    });
  });
  document.addEventListener("htmx:sendError", () => say(document.body.dataset["offline"] ?? ""));
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-dismiss]");
    button?.closest(".refusal, .toast")?.remove();
  });
}
