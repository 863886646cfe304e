// Receipts come in while one looks: parts are replaced, but never under somebody's hands.
interface Replacing {
  shouldSwap: boolean;
  target: Element;
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const detail = (event as CustomEvent<Replacing>).detail;
  const writing = detail.target.querySelector("details[open]") !== null;
  const inside = document.activeElement instanceof HTMLInputElement && detail.target.contains(document.activeElement);
  if (writing || inside) detail.shouldSwap = false;
});

export {};
