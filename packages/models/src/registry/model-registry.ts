import { type BipartiteGraph, type Id, InvalidOptionsError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import { GraphModel } from '../graph-model.js'
import { findPreset } from '../training/preset-tree.js'
import type { Preset } from '../training/training-settings.js'
import type { ModelCapabilities, ModelClass, RecommenderModel } from './model-class.js'

/** A model that is still to be made: its class, or the name of one, and its options. */
export interface ModelSettings {
  /** The name of a class in the registry (`'light-gcn'`), or a class of your own. */
  readonly architecture: string | ModelClass
  /** Options of the class. @defaultValue those of the class */
  readonly options?: object
}

/**
 * Model classes by name. `models` is the registry of this package; {@link ModelRegistry.with} adds classes of
 * your own. A registry does not change.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { ModelRegistry, Popularity } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(fromRecords([{ user: 'ann', item: 'Alien' }]))
 * const registry = new ModelRegistry([Popularity])
 * const model = registry.create(graph, { architecture: 'popularity' })
 * console.log(registry.names(), model.architecture)
 * ```
 */
export class ModelRegistry {
  readonly #classes: ReadonlyMap<string, ModelClass>

  /** @throws InvalidOptionsError when two classes have one name, or one has none */
  constructor(classes: readonly ModelClass[]) {
    const byName = new Map<string, ModelClass>()
    for (const modelClass of classes) {
      const name = nameOf(modelClass)
      const other = byName.get(name)
      if (other && other !== modelClass) {
        throw new InvalidOptionsError(
          `Two model classes have the architecture '${name}'; give the one of your own another.`,
        )
      }
      byName.set(name, modelClass)
    }
    this.#classes = byName
  }

  /**
   * Returns the names of the classes, in the order of the registry.
   *
   * @param abilities - leaves out the classes whose capabilities are others, as in `{ sampledGraphs: true }`
   */
  names(abilities: Partial<Omit<ModelCapabilities, 'losses'>> = {}): string[] {
    const wanted = Object.entries(abilities) as [keyof typeof abilities, boolean][]
    return [...this.#classes.values()]
      .filter(({ capabilities }) => wanted.every(([name, value]) => capabilities[name] === value))
      .map(({ architecture }) => architecture)
  }

  /** Returns true when a class has this name. */
  has(architecture: string): boolean {
    return this.#classes.has(architecture)
  }

  /**
   * Returns the class of a name; a class is returned as it is.
   *
   * @throws InvalidOptionsError with the names that exist
   */
  get(architecture: string | ModelClass): ModelClass {
    if (typeof architecture === 'function') {
      nameOf(architecture)
      return architecture
    }
    const found = this.#classes.get(architecture)
    if (found) return found
    throw new InvalidOptionsError(
      `architecture: got ${showValue(architecture)}; expected ${this.names().join(', ')}, or a class of your own.`,
    )
  }

  /** Returns a registry of these classes and further ones. */
  with(...classes: readonly ModelClass[]): ModelRegistry {
    return new ModelRegistry([...this.#classes.values(), ...classes])
  }

  /**
   * Makes a model.
   *
   * @throws InvalidOptionsError when the name is unknown or an option is misspelt or out of range
   */
  create<User extends Id, Item extends Id>(
    graph: BipartiteGraph<User, Item>,
    { architecture, options = {} }: ModelSettings,
  ): RecommenderModel<User, Item> {
    const Model = this.get(architecture)
    return new Model(graph as BipartiteGraph, options as never) as RecommenderModel<User, Item>
  }

  /**
   * Makes a model that is trained, not a baseline.
   *
   * @throws InvalidOptionsError as {@link create}, and when a baseline is asked for
   */
  createTrained<User extends Id, Item extends Id>(
    graph: BipartiteGraph<User, Item>,
    settings: ModelSettings,
  ): GraphModel<User, Item> {
    const model = this.create(graph, settings)
    if (model instanceof GraphModel) return model as GraphModel<User, Item>
    throw new InvalidOptionsError(
      `architecture: got '${model.architecture}', which is not trained; expected one of ${this.names({ isTrained: true }).join(', ')}, or a class of your own that extends GraphModel.`,
    )
  }

  /**
   * Returns a preset by name; in code, `LightGcn.presets.paper` says the same and is typed.
   *
   * @param name - `'paper'`; names of a further level follow after a dot, as in `'paper.yelp'`
   * @throws InvalidOptionsError when the class is unknown
   * @throws UnknownPresetError when the class has no such preset, with the names that it has
   */
  preset(architecture: string | ModelClass, name: string): Preset<object> {
    const Model = this.get(architecture)
    return findPreset(Model.architecture, Model.presets, name)
  }
}

function nameOf(modelClass: ModelClass): string {
  const { architecture } = modelClass
  if (typeof architecture === 'string' && architecture !== '') return architecture
  throw new InvalidOptionsError(
    `The model class ${modelClass.name} has no name: give it a static 'architecture', the name it is saved under.`,
  )
}
