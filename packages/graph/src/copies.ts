import packageJson from '../package.json' with { type: 'json' }
import { PackageCopiesError } from './errors.js'

interface SharedValue {
  readonly version: string
  readonly value: unknown
}

/**
 * Tells objects of a class by a marker instead of by the class itself, so that `instanceof` also holds for those
 * that another copy of the package made. (Package managers install two copies where two packages ask for versions
 * that do not fit each other.) Classes that extend the marked one are told as ever.
 *
 * @param wanted - the class on the right of `instanceof`
 * @param marked - the class whose prototype has the marker
 * @example
 * ```ts
 * import { isInstanceOfAnyCopy } from '@gnnrec/graph/kernels'
 *
 * const marker = Symbol.for('example.point')
 * function makeClass() {
 *   return class Point {
 *     readonly [marker] = true
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
  marked: object,
  marker: symbol,
  value: unknown,
): boolean {
  if (Function.prototype[Symbol.hasInstance].call(wanted, value)) return true
  return wanted === marked && typeof value === 'object' && value !== null && marker in value
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
