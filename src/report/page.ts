/** The frame of a report: one file that needs nothing beside it. */
import { type Html, html } from "./html.ts";
import { style } from "./style.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  /** One line of what it shows. */
  readonly lead?: string | undefined;
  readonly body: Html;
}

export interface Page {
  readonly title: string;
  readonly subtitle: string;
  /** What stands first, before the list of sections is needed. */
  readonly opening: Html;
  readonly sections: readonly Section[];
  readonly version: string;
}

/**
 * What a browser may load: nothing. Pictures are in the page, and there is no script: should a name ever get past the
 * escaping, it still could not run.
 */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function page({ title, subtitle, opening, sections, version }: Page): string {
  const document = html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="generator" content="dann ${version}"><title>${title}</title>${style}</head>
<body><header class="top"><h1>${title}</h1><p class="sub">${subtitle}</p><nav class="toc" aria-label="Sections">${sections.map(
    (section) => html`<a href="#${section.id}">${section.title}</a>`,
  )}</nav></header><main>${opening}
${sections.map(
  ({ id, title: heading, lead, body }) =>
    html`<section id="${id}"><h2>${heading}</h2>${lead !== undefined && html`<p class="lead">${lead}</p>`}${body}</section>\n`,
)}</main><footer>Made by dann ${version}. This page is one file; it loads nothing and runs no script.</footer></body></html>
`;
  return `<!doctype html>\n${document.text}`;
}
