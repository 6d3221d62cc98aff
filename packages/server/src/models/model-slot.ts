import { GnnRecError } from '@gnnrec/graph'
import { ApiError } from '../handler/api-error.js'
import { checkModel, type ModelChecks } from './check-model.js'
import { isRecommender, loadModel, type ModelOrPlace } from './load-model.js'
import type { ServedModel } from './served-model.js'

/** An attempt to exchange the model that failed. */
interface FailedSwap {
  readonly at: Date
  readonly code: string
  readonly message: string
}

/**
 * The model that answers, and the one before it. A request takes the model once, when it begins, so that an exchange falls
 * between two requests.
 */
export class ModelSlot {
  readonly #model: ModelOrPlace
  #current: ServedModel | undefined
  #previous: ServedModel | undefined
  #first: Promise<ServedModel> | undefined
  #failure: FailedSwap | undefined
  #isSwapping = false

  constructor(model: ModelOrPlace) {
    this.#model = model
  }

  /** The model that answers; undefined until the first one is loaded. */
  get current(): ServedModel | undefined {
    return this.#current
  }

  /** The model that {@link rollBack} brings back. */
  get previous(): ServedModel | undefined {
    return this.#previous
  }

  /** The last attempt to exchange the model, when it failed. */
  get failure(): FailedSwap | undefined {
    return this.#failure
  }

  /** True while a model is loaded to take the place of the current one. */
  get isSwapping(): boolean {
    return this.#isSwapping
  }

  /** The place that models are loaded from; undefined for a recommender in memory. */
  get place(): string | undefined {
    if (isRecommender(this.#model)) return undefined
    return this.#model instanceof URL || typeof this.#model === 'string'
      ? String(this.#model)
      : undefined
  }

  /**
   * Returns the model, and loads it at the first call.
   *
   * @throws SerializationError when it cannot be loaded; the next call tries again
   */
  async ready(): Promise<ServedModel> {
    if (this.#current) return this.#current
    this.#first ??= this.#loadFirst()
    return this.#first
  }

  /**
   * Loads the model that is now in the place beside the current one, checks it and puts it into its place. When anything
   * is wrong, the current one stays.
   *
   * @returns true when another model answers now, false when the place still holds the current one
   * @throws ApiError when the model cannot be loaded or must not be served, and while another exchange goes on
   */
  async swap(checks: ModelChecks = {}): Promise<boolean> {
    if (isRecommender(this.#model)) {
      throw new ApiError(
        'SWAP_REFUSED',
        'The model was given in memory; there is no place to load another one from.',
      )
    }
    if (this.#isSwapping)
      throw new ApiError('SWAP_REFUSED', 'Another exchange of the model goes on.')
    this.#isSwapping = true
    try {
      const old = await this.ready()
      const next = await loadModel(this.#model)
      if (next.fingerprint === old.fingerprint) {
        checkModel(old, undefined, checks)
        next.recommender.dispose()
        this.#failure = undefined
        return false
      }
      checkModel(next, old, checks)
      this.#put(next)
      return true
    } catch (error) {
      this.#failure = failureOf(error)
      if (error instanceof ApiError) throw error
      throw new ApiError('SWAP_REFUSED', `The model stays as it was: ${this.#failure.message}`, {
        cause: error,
      })
    } finally {
      this.#isSwapping = false
    }
  }

  /**
   * Puts the model before the current one back; another call undoes this.
   *
   * @throws ApiError when there is none
   */
  rollBack(): ServedModel {
    if (!this.#previous)
      throw new ApiError('SWAP_REFUSED', 'There is no earlier model to go back to.')
    return this.#put(this.#previous)
  }

  #put(next: ServedModel): ServedModel {
    const dropped = this.#previous
    this.#previous = this.#current
    this.#current = next
    this.#failure = undefined
    // A request that still answers from it takes the memory again.
    if (dropped && dropped !== next) dropped.recommender.dispose()
    return next
  }

  async #loadFirst(): Promise<ServedModel> {
    try {
      const first = await loadModel(this.#model)
      checkModel(first, undefined)
      this.#current = first
      return first
    } finally {
      this.#first = undefined
    }
  }
}

function failureOf(error: unknown): FailedSwap {
  if (GnnRecError.isInstance(error)) {
    return { at: new Date(), code: error.code, message: error.message }
  }
  return { at: new Date(), code: 'INTERNAL', message: 'the new model could not be loaded' }
}
