// 念给我听: the browser reads the paper aloud; where it cannot, the button opens the paper in large letters.
const PIECE = 120; // characters: some phones stop in the middle of longer ones

function pieces(text: string): string[] {
  const found: string[] = [];
  for (const sentence of text.match(/[^。！？；\n]+[。！？；\n]?/g) ?? []) {
    const last = found[found.length - 1];
    if (last !== undefined && last.length + sentence.length <= PIECE) found[found.length - 1] = last + sentence;
    else if (sentence.trim()) found.push(sentence);
  }
  return found;
}

function speak(button: HTMLElement): void {
  const label = button.querySelector("span");
  const first = button.dataset["label"] ?? label?.textContent ?? "";
  button.dataset["label"] = first;
  const say = (text: string): void => {
    if (label) label.textContent = text;
  };
  if (speechSynthesis.speaking) {
    speechSynthesis.cancel();
    return say(first);
  }
  const text = document.getElementById(button.dataset["speak"] ?? "")?.textContent ?? "";
  const parts = pieces(text);
  say(button.dataset["stop"] ?? "");
  parts.forEach((part, i) => {
    const words = new SpeechSynthesisUtterance(part);
    words.lang = "zh-CN";
    words.rate = 0.9;
    if (i === parts.length - 1) words.onend = () => say(first);
    words.onerror = () => say(first);
    speechSynthesis.speak(words);
  });
}

export function reading(): void {
  const able = "speechSynthesis" in window;
  document.querySelectorAll<HTMLElement>("[data-speak][hidden]").forEach((button) => (button.hidden = !able));
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-speak]");
    if (!button || !("speechSynthesis" in window)) return;
    event.preventDefault();
    speak(button);
  });
  window.addEventListener("pagehide", () => {
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  });
}
