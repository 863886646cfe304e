// Forms are sent in the background where a script runs: a refusal is then said on the page and nothing written is lost.
// Without the script every form works as the browser sends it.
import { token } from "./meta";
import { say } from "./toast";

const PLAIN = "[enctype], [method=get], [data-plain], [data-elder-switch], [hx-post]";

function addressed(form: HTMLFormElement, submitter: HTMLElement | null): URLSearchParams {
  const fields = new URLSearchParams();
  new FormData(form).forEach((value, name) => fields.append(name, String(value)));
  if (submitter instanceof HTMLButtonElement && submitter.name) fields.append(submitter.name, submitter.value);
  return fields;
}

async function follow(response: Response): Promise<void> {
  const next = response.headers.get("HX-Redirect");
  if (next) return void window.location.assign(next);
  const text = await response.text();
  const region = document.getElementById("toast");
  if (!response.ok && response.headers.get("HX-Retarget") && region) {
    const open = document.querySelector("dialog[open] .refusals") ?? region;
    open.innerHTML = text; // our own server's markup, escaped there
    open.querySelector<HTMLElement>("button")?.focus();
    return;
  }
  document.open();
  document.write(text);
  document.close();
}

async function post(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const action = (submitter as HTMLButtonElement | null)?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
  if (!form.dataset["command"]) form.dataset["command"] = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const fields = addressed(form, submitter);
  fields.append("command_id", form.dataset["command"] ?? "");
  try {
    const response = await fetch(action, {
      method: "POST",
      headers: { "HX-Request": "true", "X-CSRF-Token": token() },
      body: fields,
      credentials: "same-origin",
    });
    if (response.status < 500) delete form.dataset["command"]; // answered: the next press is another act
    await follow(response);
  } catch {
    say(document.body.dataset["offline"] ?? "");
  }
}

export function submits(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post" || form.matches(PLAIN)) return;
    event.preventDefault();
    if (form.dataset["busy"]) return;
    form.dataset["busy"] = "1";
    void post(form, (event as SubmitEvent).submitter).finally(() => delete form.dataset["busy"]);
  });
}
