import { showValue, thrownMessage } from '@gnnrec/graph/kernels'
import { SerializationError } from './errors.js'

/**
 * The place of a model to read: the path of its folder, its `file:`, `http:` or `https:` URL, or its
 * files in memory by name. In a page, which has no folders, a path such as `'/model'` is an address relative
 * to the page.
 */
export type ModelSource = string | URL | Readonly<Record<string, Uint8Array>>

/** The place to write a model to: the path of a folder, a `file:` URL, or an object to be filled. */
export type ModelTarget = string | URL | Record<string, Uint8Array>

type Location =
  | { type: 'disk'; path: string }
  | { type: 'web'; url: URL }
  | { type: 'memory'; files: Readonly<Record<string, Uint8Array>> }

/** Tells disk, web and memory apart. @throws SerializationError for any other place */
export function locate(place: ModelSource): Location {
  if (place instanceof URL || (typeof place === 'string' && /^(https?|file):\/\//i.test(place))) {
    if (!URL.canParse(place)) {
      throw new SerializationError(`Got ${showValue(place)}, which is not a valid address.`)
    }
    const url = new URL(place)
    if (url.protocol === 'file:') return { type: 'disk', path: pathOf(url) }
    if (url.protocol === 'http:' || url.protocol === 'https:') return { type: 'web', url }
    throw new SerializationError(
      `Got the address ${url.href}; expected one that starts with file:, http: or https:.`,
    )
  }
  if (typeof place === 'string' && place !== '') {
    const url = pageUrl(place)
    return url ? { type: 'web', url } : { type: 'disk', path: place }
  }
  if (typeof place === 'object' && place !== null) return { type: 'memory', files: place }
  throw new SerializationError(
    `Got ${showValue(place)} as the place of a model; expected the path of a folder, a URL, or an object { name: Uint8Array }.`,
  )
}

/** Returns a file in memory, or undefined when there is none of this name. */
export function memoryFile(
  files: Readonly<Record<string, Uint8Array>>,
  name: string,
): Uint8Array | undefined {
  if (!Object.hasOwn(files, name)) return undefined
  const bytes = files[name]
  if (bytes instanceof Uint8Array) return bytes
  throw new SerializationError(`The file ${name} in memory is not a Uint8Array.`)
}

/** Returns the address of a path relative to the page or its worker; undefined where there is a file system. */
function pageUrl(path: string): URL | undefined {
  if (typeof globalThis.process?.getBuiltinModule === 'function') return undefined
  // A worker made from a Blob has an address within the one of its page.
  const base = globalThis.document?.baseURI ?? globalThis.location?.href.replace(/^blob:/, '')
  if (base === undefined || !URL.canParse(path, base)) return undefined
  const url = new URL(path, base)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

function pathOf(url: URL): string {
  try {
    return nodeModules(url.href).url.fileURLToPath(url)
  } catch (cause) {
    if (cause instanceof SerializationError) throw cause
    throw new SerializationError(`${url.href} is not a path here: ${messageOf(cause)}.`, { cause })
  }
}

/**
 * Loads modules of Node at run time, so that a bundle for the browser needs no stand-ins for them.
 *
 * @param instead - the places that can be used where there is no file system
 * @throws SerializationError where there is no file system
 */
export function nodeModules(place: string, instead = 'an http(s) URL or { name: Uint8Array }') {
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new SerializationError(
      `Cannot reach ${place}: there is no file system here. Pass ${instead}.`,
    )
  }
  return {
    fs: load('node:fs/promises'),
    path: load('node:path'),
    url: load('node:url'),
  }
}

/** Returns the message of an error, and the reason where `fetch` hides it. */
function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return thrownMessage(cause)
  // The message of fetch is just "fetch failed".
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}

/** Makes the error of a file, on disk or on the web, that cannot be read. */
export function readError(
  place: string,
  cause: unknown,
  reason = messageOf(cause),
): SerializationError {
  return new SerializationError(`Could not read ${place}: ${reason}.`, { cause })
}
