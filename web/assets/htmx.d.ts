// The part of htmx that we call.
declare module "htmx.org" {
  interface Htmx {
    config: Record<string, unknown>;
    process(element: Element): void;
    trigger(element: Element, name: string, detail?: unknown): void;
  }
  const htmx: Htmx;
  export default htmx;
}
