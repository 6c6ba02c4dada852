/**
 * The public names, written out and by layer: what is not here is not promised. The constructors of graphs are in
 * `dann/graph`.
 */

export { availableDevices, openBackend, setWasmPaths } from "#runtime";
export { type AdaptOptions, adapt } from "./adapt/adapt.ts";
export type {
  AdaptEvent,
  DivergedEvent,
  FeaturesEvent,
  HealthEvent,
  ModelTrainEvent,
  PlanEvent,
  ResultEvent,
} from "./adapt/events.ts";
export type { AdaptRun } from "./adapt/launch.ts";
export type { BackboneSource } from "./adapt/plan.ts";
export type { AdaptData } from "./adapt/prepare.ts";
export type { RefineData } from "./adapt/refine/prepare.ts";
export { type RefineOptions, refine } from "./adapt/refine/refine.ts";
export type { AdaptResult, ModelRow } from "./adapt/result.ts";
export type { ThreadChoice } from "./adapt/thread.ts";
export type {
  AtWork,
  Baseline,
  BaselineData,
  DataSets,
  Measurement,
  Metric as ClassifierMetric,
  Prediction as BaselinePrediction,
  Printed as PrintedFigures,
  Quantity as SuiteMetric,
  Setting as SuiteSetting,
  Suite,
  Task as SuiteTask,
  UnlabelledTarget,
} from "./benchmark/suite.ts";
export type { Plain as PlainConfig } from "./config/merge.ts";
export type { BackboneTraining } from "./dann/backbone.ts";
export { type Dann, type DannBatch, type DannOutputs, type DannParts, dann } from "./dann/dann.ts";
export { type DomainClassifierOptions, domainClassifier } from "./dann/domain-classifier.ts";
export {
  type DomainLogits,
  type DomainLossOptions,
  type DomainLossReading,
  domainAccuracy,
  domainLoss,
  energy,
  type LabelLossOptions,
  labelLoss,
  pseudoObjective,
  type RowWeights,
} from "./dann/energy.ts";
export { featureExtractor } from "./dann/feature-extractor.ts";
export { gradientReversal } from "./dann/gradient-reversal.ts";
export { huberLoss } from "./dann/huber-loss.ts";
export { type LabelPredictorOptions, labelPredictor } from "./dann/label-predictor.ts";
export type { BuiltNetwork, NetworkOptions, NetworkRequest } from "./dann/networks/options.ts";
export { makeNetwork, networkNames } from "./dann/networks/registry.ts";
export {
  constant,
  cosine,
  type LambdaSchedule,
  type PaperLambdaOptions,
  type PaperRateOptions,
  type Progress,
  paperLambda,
  paperRate,
  progress,
  type RateSchedule,
  type Schedule,
  type TllibLambdaOptions,
  tllibLambda,
} from "./dann/schedules.ts";
export { squaredLoss } from "./dann/squared-loss.ts";
export type { Augment, AugmentInput } from "./data/augment.ts";
export type {
  ColumnType,
  Counts,
  FileFormat,
  ImageDecoder,
  ImageFit,
  ImageFolderOptions,
  ImageReading,
  PreprocessOptions,
  ReadOptions,
  Standardise,
  TableOptions,
} from "./data/config.ts";
export type {
  Column,
  Dataset,
  DenseRows,
  ImageRows,
  Rows,
  SignalRows,
  Sources,
  SparseRows,
  TableRows,
} from "./data/dataset.ts";
export { type EncodedRows, type EncodedTable, encodeRows } from "./data/encode.ts";
export type { ImageOptions, Normalisation } from "./data/image-config.ts";
export { type FolderRequest, readImages } from "./data/images/read.ts";
export { poolDatasets } from "./data/pool.ts";
export type {
  CategoricalColumn,
  FeaturesSpec,
  ImageSpec,
  NumberStatistics,
  NumericColumn,
  SignalSpec,
  TableSpec,
  TextSpec,
  TokensSpec,
} from "./data/preprocess/spec.ts";
export type { TokensRequest } from "./data/preprocess/tokens.ts";
export { fitPreprocess, inputShape, type PreprocessSpec } from "./data/preprocess.ts";
export { type FolderReading, readDataset, readTable } from "./data/read.ts";
export type { ByteSource, Input } from "./data/source.ts";
export { type BlobsOptions, blobs } from "./data/synthetic/blobs.ts";
export { type DomainPair, type MoonsOptions, moons } from "./data/synthetic/moons.ts";
export { openTokenizer, type Tokenizer } from "./data/text/tokenizer.ts";
export { type Domain, domainLabel } from "./domain.ts";
export { DannError, type ErrorKind, exitCodes } from "./errors.ts";
export { type DomainDistanceOptions, domainDistance } from "./evaluate/domain-distance.ts";
export type { Finding } from "./evaluate/health/finding.ts";
export type { Matrix } from "./evaluate/logistic.ts";
export { accuracy, type ClassMetrics, confusionMatrix, type Metrics, metrics } from "./evaluate/metrics.ts";
export type { Scores } from "./evaluate/probabilities.ts";
export { type RegressionMetrics, regressionMetrics } from "./evaluate/regression-metrics.ts";
export { ensembleVote, runAgreement } from "./evaluate/validators/across-runs.ts";
export { validators } from "./evaluate/validators/registry.ts";
export type { MethodConfig } from "./methods/config.ts";
export { makeMethod } from "./methods/make.ts";
export type {
  BothSeen,
  ClassWeighting,
  LabelledTargetBatch,
  Method,
  MethodContext,
  Network,
  Objective,
  PseudoLabelling,
  SourceBatch,
  TargetBatch,
  TargetSeen,
  Update,
  WarmUp,
} from "./methods/method.ts";
export { type MethodOptions, methods } from "./methods/registry.ts";
export type {
  ClassLogits,
  Ingredient,
  LabelObjective,
  MethodRow,
  OptionSchemas,
  OptionValues,
  Pass,
  PassUpdate,
  Role,
  Strength,
  TargetPass,
} from "./methods/row.ts";
export { type ActivationName, activation } from "./nn/activations.ts";
export { type BatchNormOptions, type BatchNormRegime, type BatchNormValues, batchNorm } from "./nn/batch-norm.ts";
export { type ConvOptions, conv } from "./nn/conv.ts";
export { dropout } from "./nn/dropout.ts";
export type { Initialisation, InitialiserName } from "./nn/initialisers.ts";
export type { Initialiser, Layer, Mode, NoiseSpec, ParameterOptions, Scope, Segment, StateSpec } from "./nn/layer.ts";
export { type LinearOptions, linear } from "./nn/linear.ts";
export { instanceNorm, layerNorm, type NormOptions } from "./nn/normalisation.ts";
export { averagePooling, flatten, globalAveragePooling, maxPooling, type PoolingOptions } from "./nn/pooling.ts";
export { createStore, type Store } from "./nn/scope.ts";
export { type ResidualOptions, residual, sequential } from "./nn/sequential.ts";
export { type Block, blocksOf } from "./onnx/blocks.ts";
export { type FeatureLayer, type FeatureLayers, featureLayers } from "./onnx/features.ts";
export {
  type BatchNormNode,
  type BuildRequest,
  type ExternalRange,
  type ImportedLayer,
  type ImportedModel,
  type ImportOptions,
  importOnnx,
  type ReadExternal,
} from "./onnx/import.ts";
export type { ModelInfo } from "./onnx/read.ts";
export type { StepsSpec } from "./onnx/scan.ts";
export { type AdamOptions, adam, adamw } from "./optim/adam.ts";
export type { OptimizerConfig } from "./optim/config.ts";
export {
  clipByGlobalNorm,
  type Optimizer,
  type OptimizerRequest,
  type OptimizerResult,
  type OptimizerSlot,
} from "./optim/optimizer.ts";
export { type SgdOptions, sgd } from "./optim/sgd.ts";
export { type Random, random } from "./random.ts";
export type { Backend, CompileOptions, Device, Executable, Feeds } from "./runtime/backend.ts";
export type { DeviceReport, DeviceRequest } from "./runtime/devices.ts";
export type { WasmPaths } from "./runtime/ort-wasm.ts";
export { type EvaluateOptions, evaluate, referenceBackend } from "./runtime/reference.ts";
export type { LabelScale, Labels, Task, TaskKind } from "./task.ts";
export type { Checkpoint } from "./train/checkpoint.ts";
export { type PartRates, type TrainConfig, type TrainConfigInput, trainConfig } from "./train/config.ts";
export type {
  CheckpointEvent,
  ClassWeightsEvent,
  DoneEvent,
  EpochEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
} from "./train/events.ts";
export { type Fit, type FitOptions, fit, type Snapshot, type Trained, trained } from "./train/fit.ts";
export type { Apart, ModelOutputs } from "./train/inference.ts";
export type { LabelledTarget, NetworkConfig, TrainJob } from "./train/job.ts";
export {
  type LoadedModel,
  type LoadOptions,
  loadModel,
  type ModelPredictOptions,
  type Predictions,
} from "./train/load-model.ts";
export type { ModelCalibration } from "./train/metadata.ts";
export { type ExportRequest, exportModel, type ModelParts } from "./train/model.ts";
export type { Prediction, PredictOptions } from "./train/predictor.ts";
export type { State, StateTensor } from "./train/state.ts";
export type { MixedRows, Mixtures, Validator, ValidatorInput } from "./train/validator.ts";
export { type Verification, type VerifyOptions, verifyModel } from "./train/verify.ts";
export { packageVersion as version } from "./version.ts";
