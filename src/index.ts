/**
 * The public names, written out and by layer: what is not here is not promised. The constructors of graphs are in
 * `dann/graph`.
 */

export { availableDevices, openBackend, setWasmPaths } from "#runtime";
export { type AdaptOptions, adapt } from "./adapt/adapt.ts";
export type { AdaptEvent } from "./adapt/events.ts";
export type { AdaptRun } from "./adapt/launch.ts";
export type { AdaptData } from "./adapt/prepare.ts";
export type { AdaptResult, ModelRow } from "./adapt/result.ts";
export { type Dann, type DannBatch, type DannOutputs, type DannParts, dann } from "./dann/dann.ts";
export { domainClassifier } from "./dann/domain-classifier.ts";
export { domainAccuracy, domainLoss, energy, labelLoss, pseudoObjective } from "./dann/energy.ts";
export { featureExtractor } from "./dann/feature-extractor.ts";
export { gradientReversal } from "./dann/gradient-reversal.ts";
export { labelPredictor } from "./dann/label-predictor.ts";
export type { BuiltNetwork, NetworkOptions, NetworkRequest } from "./dann/networks/options.ts";
export { makeNetwork, networkNames } from "./dann/networks/registry.ts";
export {
  constant,
  cosine,
  type Progress,
  paperLambda,
  paperRate,
  progress,
  type Schedule,
  tllibLambda,
} from "./dann/schedules.ts";
export type { PreprocessOptions, ReadOptions } from "./data/config.ts";
export type { Column, Dataset, DenseRows, ImageRows, Rows, SignalRows, SparseRows, TableRows } from "./data/dataset.ts";
export { type EncodedRows, encodeRows } from "./data/encode.ts";
export { fitPreprocess, inputShape, type PreprocessSpec } from "./data/preprocess.ts";
export { readDataset, readTable, type TableOptions } from "./data/read.ts";
export { type BlobsOptions, blobs } from "./data/synthetic/blobs.ts";
export { type DomainPair, type MoonsOptions, moons } from "./data/synthetic/moons.ts";
export { type Domain, domainLabel } from "./domain.ts";
export { DannError, type ErrorKind, exitCodes } from "./errors.ts";
export { domainDistance } from "./evaluate/domain-distance.ts";
export { accuracy, confusionMatrix, type Metrics, metrics } from "./evaluate/metrics.ts";
export { validators } from "./evaluate/validators/registry.ts";
export type { Method, Network } from "./methods/method.ts";
export { makeMethod, methods } from "./methods/registry.ts";
export { activation } from "./nn/activations.ts";
export { batchNorm } from "./nn/batch-norm.ts";
export { conv } from "./nn/conv.ts";
export { dropout } from "./nn/dropout.ts";
export type { Layer, Mode, Scope, StateSpec } from "./nn/layer.ts";
export { linear } from "./nn/linear.ts";
export { instanceNorm, layerNorm } from "./nn/normalisation.ts";
export { averagePooling, flatten, globalAveragePooling, maxPooling } from "./nn/pooling.ts";
export { createStore, type Store } from "./nn/scope.ts";
export { residual, sequential } from "./nn/sequential.ts";
export { adam, adamw } from "./optim/adam.ts";
export { clipByGlobalNorm, type Optimizer } from "./optim/optimizer.ts";
export { sgd } from "./optim/sgd.ts";
export { type Random, random } from "./random.ts";
export type { Backend, Executable } from "./runtime/backend.ts";
export { evaluate, referenceBackend } from "./runtime/reference.ts";
export { type TrainConfig, trainConfig } from "./train/config.ts";
export type { TrainEvent } from "./train/events.ts";
export { type Fit, type FitOptions, fit, type Snapshot, type Trained, trained } from "./train/fit.ts";
export type { TrainJob } from "./train/job.ts";
export { type LoadedModel, type LoadOptions, loadModel, type Predictions } from "./train/load-model.ts";
export { exportModel, verifyModel } from "./train/model.ts";
export { packageVersion as version } from "./version.ts";
