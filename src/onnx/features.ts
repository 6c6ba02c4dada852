/**
 * Which tensor of an imported model serves as features: what a classifier of its own would read. Exported classifiers
 * end in pooling or flattening, then one or more fully connected layers; what comes out of the pooling is the most
 * general description of a row that the network has.
 */
import type { ImportedLayer, ImportedModel } from "./import.ts";

export interface FeatureLayer {
  /** Of the tensor: what `BuildRequest.wanted` takes. */
  readonly name: string;
  readonly operator: string;
  readonly place: string;
  /** Sizes of a row, without the batch. */
  readonly shape: readonly (number | string)[];
  /** How it came to be a candidate, for people. */
  readonly why: string;
}

export interface FeatureLayers {
  /** In the order of the model; one vector a row, or maps that are still to be pooled where there is none. */
  readonly candidates: readonly FeatureLayer[];
  /** The one to take unless told otherwise; undefined when nothing depends on the inputs. */
  readonly chosen: FeatureLayer | undefined;
}

const weighted: ReadonlySet<string> = new Set(["Gemm", "MatMul", "Conv"]);
/** What exporters of sentence encoders call the vector of a whole text, beside those of its tokens. */
const sentenceOutput = "sentence_embedding";
/** Operators that turn the scores of a classifier into what it is asked for. */
const afterScores: ReadonlySet<string> = new Set([
  "Softmax",
  "LogSoftmax",
  "Sigmoid",
  "Add",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Identity",
  "Cast",
]);

/** The candidates, and the default: the last pooled or flattened tensor before the classifier. */
export function featureLayers(model: ImportedModel): FeatureLayers {
  const byName = new Map(model.layers.map((layer) => [layer.name, layer]));
  const classifier = classifierOf(model, byName);
  const last = byName.get(model.outputs[0] ?? "") ?? model.layers.at(-1);
  const sentence = byName.get(model.outputs.find((name) => name === sentenceOutput) ?? "");
  const found =
    sentence !== undefined
      ? described(sentence, "the output in which the encoder was trained to sum up a text")
      : classifier === undefined
        ? last && described(last, "the output: no classifier follows it")
        : beforeClassifier(classifier, byName);
  const vectors = model.layers.filter(
    (layer) => layer.type.shape.length === 2 && layer.type.shape[1] !== 1 && layer !== classifier,
  );
  const candidates = vectors.map((layer) =>
    described(layer, shrinks(layer, byName) ? "one vector a row, from tokens or maps" : "one vector a row"),
  );
  const known = candidates.some(({ name }) => name === found?.name);
  return { candidates: found === undefined || known ? candidates : [...candidates, found], chosen: found };
}

const described = ({ name, operator, place, type }: ImportedLayer, why: string): FeatureLayer => ({
  name,
  operator,
  place,
  shape: type.shape.slice(1),
  why,
});

/** The layer with weights that gives the scores: the last one, if only operators that follow scores come after it. */
function classifierOf(model: ImportedModel, byName: ReadonlyMap<string, ImportedLayer>): ImportedLayer | undefined {
  let layer = byName.get(model.outputs[0] ?? "");
  while (layer !== undefined) {
    if (weighted.has(layer.operator)) return layer.parameters.length > 0 ? layer : undefined;
    // A sum of two branches is a residual connection, not a bias.
    if (!afterScores.has(layer.operator) || layer.reads.length !== 1) return undefined;
    layer = byName.get(layer.reads[0] ?? "");
  }
  return undefined;
}

/** Whether a row becomes one vector here. */
const shrinks = (layer: ImportedLayer, byName: ReadonlyMap<string, ImportedLayer>): boolean =>
  layer.reads.some((read) => (byName.get(read)?.type.shape.length ?? 2) > 2);

function beforeClassifier(
  classifier: ImportedLayer,
  byName: ReadonlyMap<string, ImportedLayer>,
): FeatureLayer | undefined {
  const input = byName.get(classifier.reads[0] ?? "");
  if (input === undefined) return undefined;
  let layer: ImportedLayer | undefined = input;
  while (layer !== undefined && layer.type.shape.length === 2) {
    if (shrinks(layer, byName)) {
      const at = `the last pooled or flattened tensor before the classifier, ${classifier.place}`;
      return described(layer, at);
    }
    layer = byName.get(layer.reads[0] ?? "");
  }
  return described(input, `what the classifier reads, ${classifier.place}; nothing before it is pooled or flattened`);
}

const activations: ReadonlySet<string> = new Set(["Relu", "Clip", "HardSwish", "HardSigmoid", "Sigmoid", "LeakyRelu"]);

/**
 * Convolutions into which a batch normalisation looks folded: with a bias, directly followed by an activation, in a
 * model without any batch normalisation. A network made without them looks the same.
 */
export function foldedBatchNorms(model: ImportedModel): readonly string[] {
  if (model.batchNorms.length > 0) return [];
  const activated = new Set(
    model.layers.filter(({ operator }) => activations.has(operator)).flatMap(({ reads }) => reads),
  );
  return model.layers
    .filter(({ operator, parameters, name }) => operator === "Conv" && parameters.length === 2 && activated.has(name))
    .map(({ name }) => name);
}
