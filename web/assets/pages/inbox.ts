// The inbox by keyboard: J and K go down and up the rows, Enter opens; the paper of the row stands at the right.
import { keysSwitch, singleKey } from "../keys";

const SETTLED_MS = 150; // who runs down the list asks for no page on the way
const DESK = matchMedia("(min-width: 900px)");
let soon = 0;

function rows(): HTMLElement[] {
  return Array.from(document.querySelectorAll<HTMLElement>("[data-row]"));
}

function step(by: number): void {
  const all = rows();
  const focused = all.findIndex((row) => row === document.activeElement);
  const from = focused >= 0 ? focused + by : Math.max(0, all.findIndex((row) => row.classList.contains("is-on")));
  all[Math.min(Math.max(from, 0), all.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  const by = { j: 1, k: -1 }[singleKey(event)];
  if (by !== undefined) step(by);
});

document.addEventListener("focusin", (event) => {
  const row = (event.target as Element).closest<HTMLElement>("[data-row]");
  if (!row || !DESK.matches || !document.getElementById("peek") || row.classList.contains("is-on")) return;
  rows().forEach((other) => other.classList.toggle("is-on", other === row));
  window.clearTimeout(soon);
  soon = window.setTimeout(() => row.dispatchEvent(new CustomEvent("peek")), SETTLED_MS);
});

keysSwitch();
