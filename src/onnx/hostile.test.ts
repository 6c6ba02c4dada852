/** Damaged and hostile files: each is refused with an error of ours that says what and where, in little memory. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  floatTensor,
  graphProto,
  ints,
  type ModelSpec,
  modelBytes,
  node,
  tensorProto,
  value,
} from "../../test/support/onnx.ts";
import { DannError } from "../errors.ts";
import { input } from "../graph/index.ts";
import { externalData } from "../runtime/external-data.ts";
import { importOnnx } from "./import.ts";

const folder = mkdtempSync(join(tmpdir(), "dann-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good: ModelSpec = {
  inputs: [value("x", ["N", 4])],
  outputs: [value("y", ["N", 3])],
  initializers: [floatTensor("w", [4, 3])],
  nodes: [node("MatMul", ["x", "w"], ["y"], {}, "product")],
};

/** A tensor of the format with some fields of its own. */
const tensor = (fields: NonNullable<ModelSpec["extra"]>[number]): ModelSpec => ({
  ...good,
  initializers: [],
  extra: [{ name: "w", dims: [4n, 3n], dataType: 1, ...fields }],
});

const external = (location: string, more: Readonly<Record<string, string>> = {}): ModelSpec =>
  tensor({
    dataLocation: 1,
    externalData: Object.entries({ location, ...more }).map(([key, text]) => ({ key, value: text })),
  });

const chain = (...nodes: ModelSpec["nodes"]): ModelSpec => ({ ...good, nodes });
const bytes = modelBytes(good);

const cases: readonly (readonly [what: string, file: Uint8Array | ModelSpec, code: string, message: RegExp])[] = [
  ["no bytes", new Uint8Array(), "onnx-malformed", /expected an ONNX model/],
  ["text", new TextEncoder().encode("GIF89a is no model"), "onnx-malformed", /expected an ONNX model/],
  ["a cut file", bytes.slice(0, bytes.length - 20), "onnx-malformed", /expected an ONNX model/],
  ["an old operator set", { ...good, opset: 9 }, "onnx-opset", /expected operator set 11 to 21, got 9/],
  ["a new operator set", { ...good, opset: 23 }, "onnx-opset", /expected operator set 11 to 21, got 23/],
  [
    "a circle",
    chain(node("Add", ["x", "b"], ["a"], {}, "one"), node("Relu", ["a"], ["b"], {}, "two"), node("Relu", ["b"], ["y"])),
    "onnx-cycle",
    /node "one" \(Add, 1 of 3\) reads what it gives itself/,
  ],
  [
    "a name that nothing gives",
    chain(node("MatMul", ["x", "v"], ["y"], {}, "product")),
    "onnx-name",
    /node "product" \(MatMul, 1 of 1\) reads "v", which nothing gives/,
  ],
  [
    "a name given twice",
    chain(node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"], {}, "again")),
    "onnx-name",
    /node "again" .* gives "y", a name that is taken already/,
  ],
  [
    "two initialisers of one name",
    { ...good, initializers: [floatTensor("w", [4, 3]), floatTensor("w", [4, 3])] },
    "onnx-name",
    /two initializers are named "w"/,
  ],
  [
    "an output that nothing gives",
    { ...good, outputs: [value("z", [1])] },
    "onnx-name",
    /no node gives the output "z"/,
  ],
  [
    "shapes that do not fit",
    { ...good, initializers: [floatTensor("w", [5, 3])] },
    "onnx-shape",
    /node "product" \(MatMul, 1 of 1\): MatMul: expected \[\.\.\., m, k\]/,
  ],
  [
    "a declared 4 GB tensor",
    tensor({ dims: [1n << 15n, 1n << 15n], rawData: new Uint8Array(48) }),
    "onnx-tensor",
    /tensor "w": expected 4294967296 bytes for \[32768,32768\], got 48/,
  ],
  ["sizes that overflow", tensor({ dims: [1n << 60n, 1n << 60n] }), "onnx-tensor", /expected sizes of at least 0, got/],
  ["negative sizes", tensor({ dims: [-4n, -3n] }), "onnx-tensor", /expected sizes of at least 0, got \[-4,-3\]/],
  ["too few elements", tensor({ floatData: [1, 2, 3] }), "onnx-tensor", /expected 12 elements for \[4,3\], got 3/],
  ["int8 weights", tensor({ dataType: 3, int32Data: Array(12).fill(1) }), "onnx-type", /tensor "w": .* got INT8/],
  ["a tensor of text", tensor({ dataType: 8 }), "onnx-type", /got STRING/],
  [
    "a value of 16 GB",
    chain(
      node("ConstantOfShape", ["sizes"], ["huge"], {}, "fill"),
      node("ReduceSum", ["huge"], ["one"]),
      node("Mul", ["x", "one"], ["y"]),
    ),
    "onnx-operator",
    /node "fill" .* values of at most 2147483648 elements, got float32\[65536,65536\]/,
  ],
  [
    "operators that cannot be imported, each once",
    chain(
      node("Loop", ["x"], ["a"], {}, "l1"),
      node("Attention", ["a"], ["b"], {}, "at", "com.microsoft"),
      node("Loop", ["b"], ["y"]),
    ),
    "onnx-operator",
    /the operators Loop \(first at node "l1" \(Loop, 1 of 3\)\), com\.microsoft\.Attention \(first at node "at" /,
  ],
  [
    "quantised weights",
    chain(node("DequantizeLinear", ["w", "x"], ["y"])),
    "onnx-operator",
    /cannot import the operator DequantizeLinear/,
  ],
  [
    "a shape that depends on the data",
    chain(node("Cast", ["x"], ["sizes1"], { to: 7 }), node("Reshape", ["w", "sizes1"], ["y"], {}, "shape")),
    "onnx-computed",
    /node "shape" .* it depends on the data/,
  ],
  [
    "a branch that depends on the data",
    chain(
      node("Greater", ["x", "x"], ["c"]),
      node("If", ["c"], ["y"], {
        then_branch: graphProto({ inputs: [], outputs: [value("t", [1])], nodes: [node("Relu", ["x"], ["t"])] }),
      }),
    ),
    "onnx-operator",
    /If with a condition that is known/,
  ],
  [
    "an attribute of the wrong kind",
    chain(node("Flatten", ["x"], ["y"], { axis: "1" })),
    "onnx-operator",
    /axis as INT/,
  ],
  ["an attribute nobody knows", chain(node("Relu", ["x"], ["y"], { twist: 1 })), "onnx-operator", /attribute "twist"/],
  [
    "sizes squared again and again",
    chain(
      node("Shape", ["x"], ["s0"]),
      ...Array.from({ length: 40 }, (_, i) => [
        node("Add", [`s${i}`, "sizes"], [`t${i}`]),
        node("Mul", [`t${i}`, `t${i}`], [`s${i + 1}`]),
      ]).flat(),
      node("Reshape", ["x", "s40"], ["y"]),
    ),
    "onnx-shape",
    /a size that is a formula of \d+ characters/,
  ],
  ["external data without a reader", external("w.bin"), "onnx-external", /"w\.bin", which cannot be reached/],
];

const built = (file: Uint8Array | ModelSpec): Uint8Array =>
  file instanceof Uint8Array
    ? file
    : modelBytes({ ...file, initializers: [...(file.initializers ?? []), ints("sizes", [65536, 65536])] });

const refused = async (work: Promise<unknown>): Promise<DannError> => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(DannError);
  return error as DannError;
};

test("the file that the others are made of is good", async () => {
  const model = await importOnnx(built(good), { name: "good.onnx" });
  expect(Object.keys(model.build({ inputs: { x: input("x", model.inputs.x as never) }, wanted: ["y"] }))).toEqual([
    "y",
  ]);
});

test.each(cases)("%s", async (_, file, code, message) => {
  const before = process.memoryUsage();
  const error = await refused(importOnnx(built(file), { name: "bad.onnx" }));
  expect(error.message).toMatch(message);
  expect(error.message).toMatch(/^bad\.onnx: /);
  expect(error.message).not.toContain("\n");
  expect([error.kind, error.code]).toEqual(["data", code]);
  const after = process.memoryUsage();
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(1e8);
});

test("a file cut anywhere is refused or still whole", async () => {
  for (let length = 0; length < bytes.length; length += 7) {
    const error = await refused(importOnnx(bytes.slice(0, length), { name: "cut.onnx" }));
    expect(error.kind).toBe("data");
  }
});

test("a byte changed anywhere gives a model or an error of ours", async () => {
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x15;
    const error = await importOnnx(changed, { name: "changed.onnx" }).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (error !== undefined) expect(error, `byte ${at}`).toBeInstanceOf(DannError);
  }
});

describe("data beside the model", () => {
  const place = join(folder, "models");
  mkdirSync(place);
  const numbers = Float32Array.from({ length: 16 }, (_, i) => i);
  writeFileSync(join(place, "w.bin"), new Uint8Array(numbers.buffer));
  writeFileSync(join(folder, "secret.bin"), new Uint8Array(numbers.buffer));
  symlinkSync(join(folder, "secret.bin"), join(place, "link.bin"));
  symlinkSync(join(place, "w.bin"), join(place, "inside.bin"));
  symlinkSync(folder, join(place, "up"));
  mkdirSync(join(place, "folder.bin"));
  const open = (spec: ModelSpec): ReturnType<typeof importOnnx> =>
    importOnnx(modelBytes(spec), { name: "m.onnx", external: externalData(join(place, "m.onnx")) });

  test.each([
    ["from its start", external("w.bin"), 0],
    ["from an offset", external("w.bin", { offset: "16", length: "48" }), 4],
    ["through a link inside the folder", external("inside.bin"), 0],
  ])("is read %s", async (_, spec, first) => {
    const w = (await open(spec)).parameters.get("w");
    expect(w?.dims).toEqual([4, 3]);
    expect(Array.from<number | bigint, number>(w?.data ?? [], Number)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + first),
    );
  });

  test.each([
    ["that is missing", external("none.bin"), /no such file beside the model/],
    ["above the folder", external("../secret.bin"), /expected a path inside the model's folder/],
    ["above the folder, on the way", external("folder.bin/../../secret.bin"), /expected a path inside/],
    ["by an absolute path", external(join(folder, "secret.bin")), /expected a path inside/],
    ["by a Windows path", external("C:\\secret.bin"), /expected a path inside/],
    ["behind a link that leaves the folder", external("link.bin"), /a link that leaves the model's folder/],
    ["behind a linked folder", external("up/secret.bin"), /a link that leaves the model's folder/],
    ["that is too short", external("w.bin", { offset: "32" }), /expected 80 bytes, got 64/],
    ["that is a folder", external("folder.bin"), /got no file/],
    ["of another length", external("w.bin", { length: "40" }), /an offset and 48 bytes, got "w\.bin", 0 and 40/],
    ["from a negative offset", external("w.bin", { offset: "-4" }), /an offset and 48 bytes/],
    ["without a place", external(""), /expected external data with a location/],
  ])("%s is refused", async (_, spec, message) => {
    const error = await refused(open(spec));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^m\.onnx: |m\.onnx: external data/);
    expect([error.kind, error.code]).toEqual(["data", "onnx-external"]);
  });
});

test("an unused tensor of a type that we do not hold does no harm", async () => {
  const spare = tensorProto("spare", { dtype: "float32", dims: [1], data: Float32Array.of(1) });
  const model = await importOnnx(
    modelBytes({ ...good, initializers: [...(good.initializers ?? []), { ...spare, dataType: 3 }] }),
  );
  expect([...model.parameters.keys()]).toEqual(["w"]);
});
