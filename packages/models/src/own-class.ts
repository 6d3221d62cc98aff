import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { embeddingDimSchema, l2WeightSchema, layersSchema } from './model-options.js'

/** A class of models, which need not have its name yet. */
interface NamedClass {
  readonly name: string
  readonly architecture?: string
}

/** The settings that every model with a table of embeddings needs; the others are up to its class. */
const embeddingSettings = z.looseObject({
  embeddingDim: embeddingDimSchema,
  initialDeviation: z.number().check(z.positive()),
  seed: z.union([z.number(), z.string()]),
  l2Weight: z.optional(l2WeightSchema),
  layers: z.optional(layersSchema),
})

/**
 * Checks that a class of models has written the methods that it has to write, since code without types may leave
 * them out.
 *
 * @throws InvalidOptionsError naming the methods that are missing
 */
export function checkClass(model: object, methods: readonly string[]): void {
  const missing = methods.filter((name) => !(name in model))
  if (missing.length === 0) return
  throw new InvalidOptionsError(
    `The model class ${model.constructor.name} lacks ${missing.join(', ')}; write ${missing.length === 1 ? 'this method' : 'these methods'}, as the doc comment of its base class shows.`,
  )
}

/** Checks that a model is given options. @throws InvalidOptionsError when they are no object */
export function checkSettings(modelClass: NamedClass, settings: unknown): void {
  if (typeof settings === 'object' && settings !== null) return
  throw new InvalidOptionsError(
    `${nameOf(modelClass)}: got ${String(settings)} as options; expected an object, which the constructor of the class passes to super.`,
  )
}

/**
 * Checks the settings that a model with a table of embeddings passes to its base class.
 *
 * @throws InvalidOptionsError naming every setting that is missing or out of range
 */
export function checkEmbeddingSettings(modelClass: NamedClass, settings: unknown): void {
  checkSettings(modelClass, settings)
  parseOptions(nameOf(modelClass), embeddingSettings, settings)
}

function nameOf({ architecture, name }: NamedClass): string {
  return architecture ?? name
}
