/** The names that people import: a change here is a change for them, so it is written down twice. */
import * as dann from "dann";
import { expect, test } from "vitest";

test("the public names are these", () => {
  expect(Object.keys(dann).sort().join(" ")).toMatchInlineSnapshot(
    `"DannError accuracy activation adam adamw adapt availableDevices averagePooling batchNorm blobs blocksOf clipByGlobalNorm confusionMatrix constant conv cosine createStore dann domainAccuracy domainClassifier domainDistance domainLabel domainLoss dropout encodeRows energy ensembleVote evaluate exitCodes exportModel featureExtractor featureLayers fit fitPreprocess flatten globalAveragePooling gradientReversal huberLoss importOnnx inputShape instanceNorm labelLoss labelPredictor layerNorm linear loadModel makeMethod makeNetwork maxPooling methods metrics moons networkNames openBackend openTokenizer paperLambda paperRate poolDatasets progress pseudoObjective random readDataset readImages readTable referenceBackend refine regressionMetrics residual runAgreement sequential setWasmPaths sgd squaredLoss tllibLambda trainConfig trained validators verifyModel version"`,
  );
});
