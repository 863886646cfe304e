// The page's texts and facts, as the server wrote them into it.
import type { Source } from "./wire";

export interface Topic {
  number: number;
  title: string;
  speaker: string;
  minutes: number;
}

export interface Paper {
  id: number;
  name: string;
  pages: number;
  topic: number;
}

export interface Facts {
  meeting: number;
  title: string;
  venue: number;
  venue_name: string;
  phone: string;
  topics: Topic[];
  papers: Paper[];
  may_record: boolean;
  inspected: boolean; // an inspector is invited
  many: boolean; // more venues than the hello names
  publish: Source[];
}

function embedded<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent ?? "{}") as T;
}

const words = embedded<Record<string, string>>("words");
export const facts = embedded<Facts>("facts");

/** The text of a key, `{name}` filled in. A missing one shows its key: a test finds it. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const has = (key: string): boolean => key in words;
