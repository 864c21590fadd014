/** An HTML page that stands alone: its style and all that it shows are in it. */
import { escapeXml } from "./svg.ts";

interface Page {
  readonly title: string;
  /** What is shown, and of which model. */
  readonly subtitle: string;
  /** CSS; a class "quiet" is for what stands back. */
  readonly style: string;
  /** HTML. */
  readonly content: string;
}

/** One figure as such a page. */
export const figurePage = (figure: string, { title, subtitle }: Pick<Page, "title" | "subtitle">): string =>
  htmlPage({ title, subtitle, style: FIGURE, content: figure });

const FIGURE =
  ":root{color-scheme:light dark}body{margin:0;font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;background:light-dark(#fff,#0d1117);color:light-dark(#1f2328,#e6edf3)}" +
  "main{padding:1.5rem;overflow-x:auto}h1{font-size:1.4rem;margin:0}.quiet{color:light-dark(#59636e,#9198a1)}";

export const htmlPage = ({ title, subtitle, style, content }: Page): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${style}</style>
<main>
<h1>${escapeXml(title)}</h1>
<p class="quiet">${escapeXml(subtitle)}</p>
${content}
</main>
</html>
`;
