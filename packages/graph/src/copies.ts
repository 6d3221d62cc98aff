import packageJson from '../package.json' with { type: 'json' }
import { PackageCopiesError } from './errors.js'

/** A copy of a package, of which a process may have several. */
export interface PackageCopy {
  /** Name of the package. */
  readonly name: string
  readonly version: string
}

interface SharedValue {
  readonly version: string
  readonly value: unknown
}

/**
 * Tells objects of a class by a marker instead of by the class itself, so that `instanceof` also holds for those
 * that another copy of the package made, of the same version. Classes that extend the marked one are told as ever.
 *
 * @param wanted - the class on the right of `instanceof`
 * @param marked - the class whose prototype has the marker, which gives the copy of the package
 * @throws PackageCopiesError when the value is of another version of the package, whose objects this one cannot use
 * @example
 * ```ts
 * import { isInstanceOfAnyCopy } from '@gnnrec/graph/kernels'
 *
 * const marker = Symbol.for('example.point')
 * function makeClass() {
 *   return class Point {
 *     get [marker]() {
 *       return { name: 'example', version: '1.0.0' }
 *     }
 *     static [Symbol.hasInstance](value: unknown): boolean {
 *       return isInstanceOfAnyCopy(this, Point, marker, value)
 *     }
 *   }
 * }
 * const [First, Second] = [makeClass(), makeClass()]
 * console.log(new First() instanceof Second) // true
 * ```
 */
export function isInstanceOfAnyCopy(
  wanted: object,
  marked: { readonly prototype: object },
  marker: symbol,
  value: unknown,
): boolean {
  if (Function.prototype[Symbol.hasInstance].call(wanted, value)) return true
  if (wanted !== marked || typeof value !== 'object' || value === null) return false
  if (!(marker in value)) return false
  const own = copyOf(marked.prototype, marker)
  const { version } = copyOf(value, marker)
  if (version !== own.version) throw new PackageCopiesError(own.name, version, own.version)
  return true
}

function copyOf(value: object, marker: symbol): PackageCopy {
  return (value as Record<symbol, PackageCopy>)[marker]
}

/**
 * Returns a value that all copies of the package in this process share, such as kernel memory, whose addresses would
 * mean nothing to another copy's.
 *
 * @param name - name of the value, and of the package that it belongs to
 * @param version - version of the copy that asks
 * @param make - makes the value if nobody has yet
 * @throws PackageCopiesError when another version of the package made it
 * @example
 * ```ts
 * import { sharedByCopies } from '@gnnrec/graph/kernels'
 *
 * const name = { package: 'example', value: 'counter' }
 * const first = sharedByCopies(name, '1.0.0', () => ({ count: 0 }))
 * const second = sharedByCopies(name, '1.0.0', () => ({ count: 0 }))
 * console.log(first === second) // true
 * ```
 */
export function sharedByCopies<Value>(
  name: { readonly package: string; readonly value: string },
  version: string,
  make: () => Value,
): Value {
  const key = Symbol.for(`${name.package}/${name.value}`)
  const place = globalThis as unknown as Record<symbol, SharedValue | undefined>
  const known = place[key] ?? { version, value: make() }
  if (known.version !== version) throw new PackageCopiesError(name.package, known.version, version)
  place[key] = known
  return known.value as Value
}

/** Version of this copy of `@gnnrec/graph`. */
export const graphVersion: string = packageJson.version

/** This copy of `@gnnrec/graph`. */
export const graphCopy: PackageCopy = { name: '@gnnrec/graph', version: graphVersion }
