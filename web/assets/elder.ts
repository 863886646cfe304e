// 适老: answers at once; the form still tells the server, which keeps it with the account.
import { send } from "./meta";

export function elder(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("form[data-elder-switch]")) return;
    event.preventDefault();
    const on = !document.documentElement.hasAttribute("data-elder");
    document.documentElement.toggleAttribute("data-elder", on);
    document.querySelectorAll("form[data-elder-switch] button").forEach((button) => {
      button.setAttribute("aria-pressed", String(on));
    });
    document.querySelectorAll<HTMLInputElement>("form[data-elder-switch] input[name=elder]").forEach((input) => {
      input.value = on ? "false" : "true";
    });
    void send(form.action, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams({ elder: String(on) }),
    });
  });
}
