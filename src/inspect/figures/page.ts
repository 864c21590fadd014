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
