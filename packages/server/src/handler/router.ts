import { ApiError } from './api-error.js'
import type { Endpoint } from './endpoint.js'

/** An endpoint and the decoded parts of the path that stand for ids. */
interface Match {
  readonly endpoint: Endpoint
  readonly path: Readonly<Record<string, string>>
}

/** Finds endpoints by method and path. */
export class Router {
  readonly #endpoints: readonly { readonly endpoint: Endpoint; readonly parts: readonly string[] }[]
  readonly #idLength: number

  constructor(endpoints: readonly Endpoint[], idLength: number) {
    this.#endpoints = endpoints.map((endpoint) => ({ endpoint, parts: endpoint.path.split('/') }))
    this.#idLength = idLength
  }

  /** @throws ApiError when there is no such path, or it has no such method */
  find(method: string, path: string): Match {
    const parts = path.split('/', 16)
    const fitting = this.#endpoints.filter((each) => fits(each.parts, parts))
    if (fitting.length === 0) {
      throw new ApiError('NOT_FOUND', 'There is nothing at this path; see /openapi.json.')
    }
    // An answer to HEAD is that to GET without its body.
    const asked = method === 'HEAD' ? 'GET' : method
    const found = fitting.find(({ endpoint }) => endpoint.method === asked)
    if (!found) {
      const allow = fitting.map(({ endpoint }) => endpoint.method).join(', ')
      throw new ApiError('METHOD_NOT_ALLOWED', `This path takes ${allow}.`, { headers: { allow } })
    }
    const ids = found.parts.flatMap((part, at) =>
      part.startsWith('{') ? [[part.slice(1, -1), this.#decoded(parts[at])]] : [],
    )
    return { endpoint: found.endpoint, path: Object.fromEntries(ids) }
  }

  #decoded(part: string): string {
    const text = decoded(part)
    if (text.length <= this.#idLength) return text
    throw new ApiError('INVALID_REQUEST', `An id has more than ${this.#idLength} characters.`)
  }
}

function fits(parts: readonly string[], asked: readonly string[]): boolean {
  return (
    parts.length === asked.length &&
    parts.every((part, at) => (part.startsWith('{') ? asked[at] !== '' : part === asked[at]))
  )
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new ApiError('INVALID_REQUEST', 'The path is not encoded as UTF-8 with % signs.', {
      cause,
    })
  }
}
