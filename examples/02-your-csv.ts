/** Two CSV files: a clinic with diagnoses, and one without whose device reads everything higher. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapt, loadModel, random, readTable } from "dann";
import { gate } from "./gate.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-example-"));
try {
  const chance = random("clinics");
  const clinic = (offset: number): string =>
    Array.from({ length: 300 }, (_, row) => {
      const ill = row % 2 === 1;
      const age = 50 + 10 * chance.normal() + (ill ? 8 : 0);
      const marker = offset + chance.normal() * 0.4 + (ill ? 2 : 0);
      return `${age.toFixed(1)},${marker.toFixed(2)},${ill ? "ill" : "well"}`;
    }).join("\n");
  const header = "age,marker,diagnosis\n";
  writeFileSync(join(folder, "a.csv"), header + clinic(1));
  writeFileSync(join(folder, "b.csv"), header + clinic(2.5));

  const run = await adapt({
    source: await readTable(join(folder, "a.csv"), { label: "diagnosis" }),
    target: await readTable(join(folder, "b.csv"), { drop: ["diagnosis"] }),
    train: { steps: 400 },
    out: join(folder, "run"),
  });
  const { verdict } = await run.done;
  console.log(verdict.text);

  // What an application ships: the file, and `loadModel`, which brings no training code along.
  const model = await loadModel(join(folder, "run", "model.onnx"));
  const b = await readTable(join(folder, "b.csv"), { label: "diagnosis" });
  const { labels } = await model.predict(b);
  const right = labels.filter((label, row) => label === b.labels?.[row]).length / labels.length;
  console.log(`${model.classes.join(" or ")}: ${right.toFixed(3)} right in the other clinic`);
  await model.dispose();
  gate("accuracy in the other clinic", right, 0.9);
} finally {
  rmSync(folder, { recursive: true });
}
