// What every page needs: htmx with our rules, toasts, the elder switch, live news.
import htmx from "htmx.org";
import { elder } from "./elder";
import { live } from "./live";
import { token } from "./meta";
import { toasts } from "./toast";

Object.assign(htmx.config, {
  includeIndicatorStyles: false, // our policy allows no inline style
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // papers do not stay in the browser's storage
  defaultSwapStyle: "outerHTML",
});

interface Configured {
  headers: Record<string, string>;
  verb: string;
}

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<Configured>).detail;
  if (detail.verb !== "get") detail.headers["X-CSRF-Token"] = token();
});

// One press, one act: a form that is on its way is not sent again. The server keeps the same promise by the command id.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset["sent"] && !form.hasAttribute("hx-post")) event.preventDefault();
  form.dataset["sent"] = "1";
  window.setTimeout(() => delete form.dataset["sent"], 4000);
});

elder();
toasts();
live();
