/** What of a method makes the predictions on the target decided whether they are right or wrong. */
import { combination, isRefusal } from "./combination.ts";

/** Of a method by its name, as in `mcc minimises the confusion of classes on the target`; undefined where nothing does. */
export function sharpening(name: string): string | undefined {
  const found = combination(name);
  if (isRefusal(found)) return undefined;
  const reasons = found.rows.flatMap((row) => (row.sharpens === undefined ? [] : [`${row.name} ${row.sharpens}`]));
  return reasons.length === 0 ? undefined : reasons.join(", ");
}
