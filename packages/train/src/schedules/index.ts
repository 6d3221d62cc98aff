export { product, type SequencePart, sequence } from './compose.js'
export { constant } from './constant.js'
export {
  type CosineOptions,
  type CosineRestartsOptions,
  cosine,
  cosineRestarts,
} from './cosine.js'
export {
  type ExponentialDecayOptions,
  exponentialDecay,
  type StepDecayOptions,
  stepDecay,
} from './decay.js'
export { fromSettings } from './from-settings.js'
export { type LinearWarmupOptions, linearWarmup } from './linear-warmup.js'
export { type ReduceOnPlateauOptions, reduceOnPlateau } from './reduce-on-plateau.js'
export { type WarmupCosineOptions, warmupCosine } from './warmup-cosine.js'
