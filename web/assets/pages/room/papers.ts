// The page on the table: the one that is shown to all, or one's own; pictures of pages come from the server.
import { turn } from "./acts";
import type { Desk } from "./desk";
import { byId, h, keyed, setAttribute, setText, show } from "./dom";
import { chairs, type State } from "./store";
import { facts, t } from "./words";

interface Shown {
  paper: number;
  page: number;
}

export class Papers {
  private own: Shown | null = null; // read by oneself; null: what is shown to all
  private state: State | null = null;

  constructor(private readonly desk: Desk, private readonly redraw: () => void) {
    byId("page-back").addEventListener("click", () => this.move(-1));
    byId("page-on").addEventListener("click", () => this.move(1));
    byId("page-all").addEventListener("click", () => this.showAll());
    byId("page-follow").addEventListener("click", () => this.follow());
    byId("page-away").addEventListener("click", () => this.away());
    const image = byId<HTMLImageElement>("page-image");
    image.addEventListener("error", () => show(byId("page-missing"), true));
    image.addEventListener("load", () => show(byId("page-missing"), false));
  }

  private get shown(): Shown | null {
    const page = this.state?.room?.page;
    return this.own ?? (page?.paper_id ? { paper: page.paper_id, page: page.page } : null);
  }

  private pages(paper: number): number {
    return facts.papers.find((one) => one.id === paper)?.pages ?? 1;
  }

  private move(by: number): void {
    const at = this.shown;
    if (!at) return;
    const page = Math.min(Math.max(1, at.page + by), Math.max(1, this.pages(at.paper)));
    if (page === at.page) return;
    if (!this.own && this.state && chairs(this.state)) return void this.desk.command("TurnPage", turn(at.paper, page));
    this.own = { paper: at.paper, page };
    this.redraw();
  }

  private showAll(): void {
    const at = this.shown;
    if (!at) return;
    void this.desk.command("TurnPage", turn(at.paper, at.page)).then((done) => done && this.follow());
  }

  private follow(): void {
    this.own = null;
    this.redraw();
  }

  /** The chair takes the shown page off for all; anyone else stops reading by himself. */
  private away(): void {
    if (!this.own && this.state && chairs(this.state)) void this.desk.command("TurnPage", turn(null, 1));
    this.follow();
  }

  private read(paper: number): void {
    this.own = { paper, page: 1 };
    this.redraw();
  }

  render(state: State): void {
    this.state = state;
    const at = this.shown;
    show(byId("paper"), at !== null);
    this.list();
    if (!at) return;
    const paper = facts.papers.find((one) => one.id === at.paper);
    const address = `/meetings/${facts.meeting}/papers/${at.paper}/pages/${at.page}.png`;
    const image = byId<HTMLImageElement>("page-image");
    if (image.getAttribute("src") !== address) {
      image.src = address;
      setAttribute(image, "alt", t("page_alt", { name: paper?.name ?? "", page: at.page }));
    }
    setText(byId("page-name"), paper ? t("page_name", { name: paper.name, page: at.page, pages: Math.max(1, paper.pages) }) : t("page_other"));
    const rules = chairs(state);
    show(byId("page-all"), rules && this.own !== null);
    show(byId("page-follow"), this.own !== null && state.room?.page?.paper_id != null);
    show(byId("page-away"), this.own !== null || rules);
    const turns = this.own !== null || rules;
    for (const id of ["page-back", "page-on"]) show(byId(id), turns || (paper?.pages ?? 0) > 1);
  }

  private list(): void {
    show(byId("no-papers"), facts.papers.length === 0);
    keyed(byId("paper-list"), facts.papers, (one) => String(one.id), (one) => {
      const read = h("button", { type: "button", class: "btn small", click: () => this.read(one.id) }, t("read"));
      return h("li", {}, h("div", {}, h("b", {}, one.name), h("small", {}, t("pages", { n: one.pages }))), read);
    }, () => undefined);
  }
}
