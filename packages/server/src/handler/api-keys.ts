import { Sha256 } from '@gnnrec/graph/files'
import * as z from 'zod'
import { ApiError } from './api-error.js'

/** The roles of keys; each may do what those before it may. */
const roles = ['read', 'write', 'admin'] as const

/**
 * The right to ask (`'read'`) or to exchange models (`'admin'`). `'write'` gives no more than `'read'`, as nothing can be
 * written yet; questions that change what is stored of users will ask for it.
 */
export type Role = (typeof roles)[number]

/** A secret that callers send as `Authorization: Bearer …` or `x-api-key`. */
export interface ApiKey {
  /** At least 16 characters that nobody can guess, in visible ASCII. */
  key: string
  /** The right that the key gives; `write` includes `read`, and `admin` both. */
  role: Role
}

export const apiKeysSchema = z.array(
  z.strictObject({
    key: z
      .string()
      .regex(/^[!-~]{16,512}$/, { error: 'expected 16 to 512 visible ASCII characters' }),
    role: z.enum(roles),
  }),
)

/** The keys of a server. */
export class KeyRing {
  readonly #keys: readonly { readonly digest: string; readonly rank: number }[]

  constructor(keys: readonly ApiKey[]) {
    this.#keys = keys.map(({ key, role }) => ({ digest: digestOf(key), rank: roles.indexOf(role) }))
  }

  /**
   * Checks that a request brings a key with a role. Without any keys everybody may do everything.
   *
   * All keys are compared, as SHA-256 digests and to their ends, so that the time of an answer tells nothing of a key.
   *
   * @throws ApiError when there is no key, no such key, or one whose role is too low
   */
  check(role: Role, header: (name: string) => string | undefined): void {
    if (this.#keys.length === 0) return
    const presented = presentedKey(header)
    if (presented === undefined) {
      throw new ApiError(
        'UNAUTHORIZED',
        "This needs a key; send it as 'authorization: Bearer KEY' or 'x-api-key: KEY'.",
        { headers: { 'www-authenticate': 'Bearer' } },
      )
    }
    const digest = digestOf(presented)
    let rank = -1
    for (const each of this.#keys) {
      rank = Math.max(rank, isEqual(digest, each.digest) ? each.rank : -1)
    }
    if (rank < 0) {
      throw new ApiError('UNAUTHORIZED', 'The key is not known.', {
        headers: { 'www-authenticate': 'Bearer' },
      })
    }
    if (rank < roles.indexOf(role)) {
      throw new ApiError('FORBIDDEN', `This needs a key of the role '${role}'.`)
    }
  }
}

function presentedKey(header: (name: string) => string | undefined): string | undefined {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(header('authorization') ?? '') ?? []
  return bearer ?? header('x-api-key')
}

function digestOf(key: string): string {
  const hash = new Sha256()
  hash.update(key)
  return hash.hex()
}

/** Compares two digests of equal length in a time that does not depend on them. */
function isEqual(a: string, b: string): boolean {
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}
