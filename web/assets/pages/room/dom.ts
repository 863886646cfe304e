// Building and updating parts of the page. Lists are updated by key, so that focus and pictures stay where they are.
type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | boolean | number | ((event: Event) => void) | undefined>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found as T;
}

export function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function show(element: HTMLElement, on: boolean): void {
  if (element.hidden === on) element.hidden = !on;
}

/** The children of a list made equal to `items`: kept by key, made and removed as needed, in order. */
export function keyed<T>(
  list: HTMLElement, items: readonly T[], keyOf: (item: T) => string, make: (item: T) => HTMLElement,
  update: (element: HTMLElement, item: T) => void,
): void {
  const there = new Map<string, HTMLElement>();
  for (const child of Array.from(list.children) as HTMLElement[]) there.set(child.dataset["key"] ?? "", child);
  let at: Element | null = list.firstElementChild;
  for (const item of items) {
    const name = keyOf(item);
    let element = there.get(name);
    if (!element) {
      element = make(item);
      element.dataset["key"] = name;
    }
    there.delete(name);
    update(element, item);
    if (element === at) at = at.nextElementSibling;
    else list.insertBefore(element, at);
  }
  for (const gone of there.values()) gone.remove();
}

const SVG = "http://www.w3.org/2000/svg";
const PATHS: Record<string, string> = {
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  mic_off: "M9 9V6a3 3 0 0 1 6 0v5M5 11a7 7 0 0 0 11 5.7M19 11a7 7 0 0 1-.4 2.4M12 18v3M3 3l18 18",
  camera: "M3 7h12v10H3zM15 11l6-4v10l-6-4",
  camera_off: "M8 7h7v7M15 11l6-4v10l-3-2M3 7v10h12M3 3l18 18",
  hand: "M7 12V6.5a1.5 1.5 0 0 1 3 0V11 4.5a1.5 1.5 0 0 1 3 0V11 5.5a1.5 1.5 0 0 1 3 0V12 8.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1.5c-2.5 0-4-1-5.2-3L4.4 14.5a1.6 1.6 0 0 1 2.6-1.7z",
  screen: "M3 4h18v12H3zM8 20h8M12 7v6M9 10l3-3 3 3",
  layout: "M3 4h18v16H3zM3 13h18M9 13v7M15 13v7",
  more: "M5 12h.1M12 12h.1M19 12h.1",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  roll_call: "M4 6h9M4 12h9M4 18h6M16 17l2.5 2.5L22 15",
  rotation: "M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5",
  broadcast: "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 1 0 0-5zM7.5 7.5a6.5 6.5 0 0 0 0 9M16.5 7.5a6.5 6.5 0 0 1 0 9M4.5 4.5a10.5 10.5 0 0 0 0 15M19.5 4.5a10.5 10.5 0 0 1 0 15",
  people: "M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.3.8 3.5 2.8 3.5 5.5",
  chair: "M5 4v9h14V4M5 13l-1 7M19 13l1 7M8 17h8",
  chat: "M4 5h16v11H9l-5 4z",
  agenda: "M9 6h11M9 12h11M9 18h11M4 6h.5M4 12h.5M4 18h.5",
  paper: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17h.1",
  ear: "M7 9a5 5 0 0 1 10 0c0 4-4 4-4 8a3 3 0 0 1-5 2M10 9a2 2 0 0 1 4 0",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 1 0 0-5z",
  tick: "m5 13 4.5 4.5L19 7",
  cross: "M6 6l12 12M18 6 6 18",
  dash: "M6 12h12",
};

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ico");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? "");
  if (name === "more") path.setAttribute("stroke-width", "3");
  svg.append(path);
  return svg;
}

export function setIcon(svg: Element | null, name: string): void {
  const path = svg?.querySelector("path");
  if (path) setAttribute(path, "d", PATHS[name] ?? "");
}
