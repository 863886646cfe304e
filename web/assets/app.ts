// What every page needs: htmx with our rules, toasts, the elder switch, live news.
import htmx from "htmx.org";
import { elder } from "./elder";
import { live } from "./live";
import { token } from "./meta";
import { submits } from "./submit";
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

elder();
submits();
toasts();
live();
