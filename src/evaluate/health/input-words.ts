/** What remedies say of the input, in the words of its kind: pixels have no columns, and no units to compare. */
import type { PreprocessSpec } from "../../data/preprocess.ts";
import { internalError } from "../../errors.ts";

export interface InputWords {
  /** What may differ between the places without anybody having meant it. */
  readonly look: string;
  /** How a few labelled rows of the target are scored. */
  readonly score: string;
  /** The settings that bring the numbers to one scale. */
  readonly scaling: string;
  /** Where else gradients can be reversed: networks of rows of numbers have one place alone. */
  readonly otherLayer: readonly string[];
}

/** @param spec of the rows as they are given, in front of any backbone. */
export function inputWords(spec: PreprocessSpec): InputWords {
  const { same, labelled, scaling } = wordsOf(spec);
  return {
    look: `look at the data: are ${same} the same in both places?`,
    score: `score a few labelled rows of the target: --target-test ${labelled}`,
    scaling: `check that the inputs are scaled: data.preprocess.${scaling}`,
    otherLayer:
      spec.kind === "image" || spec.kind === "signal"
        ? ["reverse at another layer: --set network.options.reversalAt=features, or last-hidden"]
        : [],
  };
}

interface Words {
  readonly same: string;
  readonly labelled: string;
  readonly scaling: string;
}

function wordsOf(spec: PreprocessSpec): Words {
  switch (spec.kind) {
    case "table": {
      const columns = spec.numeric.length + spec.categorical.length > 0;
      const texts = spec.text !== undefined || spec.tokens !== undefined;
      const ofTexts = "the language and the usual length of the texts";
      return {
        same: texts ? (columns ? `the columns, their units, ${ofTexts}` : ofTexts) : "the columns and their units",
        ...{ labelled: "FILE --target-test-labels COLUMN", scaling: "standardise" },
      };
    }
    case "features":
      return {
        same: "the features, their order and their units",
        ...{ labelled: "FILE --target-test-labels FILE", scaling: "standardise" },
      };
    case "image":
      return {
        same: "the size of what is shown, the colours and the crop of the images",
        labelled: "FOLDER with a sub-folder a class, or FILE --target-test-labels FILE",
        scaling: "images",
      };
    case "signal":
      return {
        same: "the sampling rate, the order of the channels and their units",
        labelled: "FILE --target-test-labels COLUMN, or a file of labels",
        scaling: "standardise",
      };
    default:
      throw internalError(`no words for rows of kind ${spec satisfies never}`);
  }
}
