/** The rows that the chosen model gets wrong most surely, or, where nobody knows, is least sure of. */
import { type Html, html } from "./html.ts";
import type { ConfusedSample } from "./run.ts";
import { percent } from "./text.ts";

export const samplesLead = (samples: readonly ConfusedSample[], model: string): string =>
  samples.some(({ truth }) => truth !== undefined)
    ? `Labelled target rows that ${model} gets wrong, the surest first.`
    : `No target labels were given: the target rows that ${model} is least sure of.`;

export const samplesBody = (samples: readonly ConfusedSample[]): Html =>
  html`<ul class="samples">${samples.map(
    ({ name, predicted, probability, truth, image }) =>
      html`<li class="sample">${
        image !== undefined &&
        html`<img src="data:image/png;base64,${base64(image)}" alt="row ${name}" width="84" height="84">`
      }taken for <b>${predicted}</b> (${percent(probability)})${
        truth !== undefined && html`<br>is <b>${truth}</b>`
      }<br><span class="name">row ${name}</span></li>`,
  )}</ul>`;

/** In pieces: a call takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}
