import { DatasetNotFoundError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'

/** Where a data set is published and what its folder is called. */
export interface DatasetPlace {
  readonly name: string
  readonly folder: string
  /** The address to fetch it from. */
  readonly address: string
}

/** A file that is there, and the name under which it was wanted. */
interface FoundFile {
  readonly name: string
  readonly path: string
}

/**
 * The first folder that has all files wanted, and their paths.
 *
 * @param wanted - for each file the names it may have, best first; each also with `.gz` appended
 * @throws DatasetNotFoundError naming every place, the address and the variable to set
 */
export async function findDataset(
  { name, folder, address }: DatasetPlace,
  wanted: readonly (readonly string[])[],
  directory: string | undefined,
): Promise<{ folder: string; files: FoundFile[] }> {
  const places = candidateFolders(folder, directory)
  for (const place of places) {
    const files = await Promise.all(wanted.map((names) => findFile(place, names)))
    if (files.every((file) => file !== undefined)) return { folder: place, files }
  }
  const files = wanted.map((names) => names.join(' or ')).join(' and ')
  throw new DatasetNotFoundError(
    `${name} was not found. Looked for ${files} (plain or .gz) in:\n${places.map((place) => `  - ${place}`).join('\n')}\n` +
      `Fetch it from ${address} and put its files into a folder '${folder}'; then set the environment variable GNNREC_DATA_DIR to the folder that holds '${folder}', or pass it as the option 'directory'.`,
    places,
  )
}

/** The first name that is a file in the folder, plain or with `.gz` appended. */
export async function findFile(
  folder: string,
  names: readonly string[],
): Promise<FoundFile | undefined> {
  const { stat } = nodeModule('node:fs/promises')
  for (const name of names) {
    for (const ending of ['', '.gz']) {
      const path = nodeModule('node:path').join(folder, name + ending)
      const stats = await stat(path).catch(() => undefined)
      if (stats?.isFile()) return { name, path }
    }
  }
  return undefined
}

function candidateFolders(folder: string, directory: string | undefined): string[] {
  const { join } = nodeModule('node:path')
  if (directory !== undefined) return [join(directory, folder), directory]
  const { GNNREC_DATA_DIR: data, XDG_CACHE_HOME: cache } = process.env
  const caches = cache || join(nodeModule('node:os').homedir(), '.cache')
  return [...(data ? [join(data, folder)] : []), join(caches, 'gnnrec', folder)]
}
