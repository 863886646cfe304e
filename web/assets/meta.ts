// What the server wrote into the page's head.
export function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

export function token(): string {
  return meta("csrf");
}

/** Send JSON or bytes to one of our own addresses, with the token. */
export function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("X-CSRF-Token", token());
  return fetch(path, { ...init, headers, credentials: "same-origin" });
}
