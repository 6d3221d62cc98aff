import { downloadFile } from '../downloads/download-file.js'
import { DatasetNotFoundError, DownloadError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { nodeModule } from '../sources/node-files.js'
import { zipEntries } from '../sources/open-zip.js'
import type { ParsedLoadOptions } from './load-options.js'

/** A file as its publisher serves it. */
interface PublishedFile {
  readonly address: string
  /** Its name in the data set's folder. */
  readonly file: string
  readonly sha256?: string
  readonly md5?: string
  /** Where the publisher has the MD5. */
  readonly md5Address?: string
  readonly maxBytes: number
}

/** Where a data set is published and what its folder is called. */
export interface DatasetPlace {
  readonly name: string
  readonly folder: string
  /** The address for people to fetch it from. */
  readonly address: string
  readonly licence: string
  /** What to download when it is not there; empty when it cannot be. */
  readonly downloads: readonly PublishedFile[]
}

/** A file that is there, plain, packed or in an archive, and the name under which it was wanted. */
interface FoundFile {
  readonly name: string
  /** For messages. */
  readonly path: string
  readonly source: FileSource
}

/** Files of a data set, and what finds more of them in the same place. */
export interface FoundDataset {
  readonly files: readonly FoundFile[]
  /** The first of these names that is there. */
  readonly find: (names: readonly string[]) => Promise<FoundFile | undefined>
}

/**
 * The first place that has all files wanted; where none has, they are downloaded.
 *
 * @param wanted - for each file the names it may have, best first; each also with `.gz` appended, and
 * each also inside `FOLDER.zip`
 * @throws DatasetNotFoundError naming every place, the address and what stopped the download
 */
export async function findDataset(
  place: DatasetPlace,
  wanted: readonly (readonly string[])[],
  options: ParsedLoadOptions,
): Promise<FoundDataset> {
  const folders = candidateFolders(place.folder, options.directory)
  const found = await lookIn(folders, place, wanted)
  if (found) return found
  const downloaded = await download(place, wanted, options)
  if ('files' in downloaded) return downloaded
  const { folder } = place
  const files = wanted.map((names) => names.join(' or ')).join(' and ')
  throw new DatasetNotFoundError(
    `${place.name} was not found. Looked for ${files} (plain, .gz or in ${folder}.zip) in:\n${folders.map((name) => `  - ${name}`).join('\n')}\n${downloaded.problem}\n` +
      `Fetch it from ${place.address} and put its files into a folder '${folder}'; then set the environment variable GNNREC_DATA_DIR to the folder that holds '${folder}', or pass it as the option 'directory'.`,
    folders,
    { cause: downloaded.cause },
  )
}

async function lookIn(
  folders: readonly string[],
  { folder: own }: DatasetPlace,
  wanted: readonly (readonly string[])[],
): Promise<FoundDataset | undefined> {
  const { dirname, join } = nodeModule('node:path')
  for (const folder of folders) {
    const find = finder(folder, [join(folder, `${own}.zip`), join(dirname(folder), `${own}.zip`)])
    const files = await Promise.all(wanted.map(find))
    if (files.every((file) => file !== undefined)) return { files, find }
  }
  return undefined
}

async function download(
  place: DatasetPlace,
  wanted: readonly (readonly string[])[],
  { directory, offline, mirror, progress, signal }: ParsedLoadOptions,
): Promise<FoundDataset | { problem: string; cause: unknown }> {
  if (place.downloads.length === 0) {
    return { problem: 'It cannot be downloaded.', cause: undefined }
  }
  if (offline) {
    const problem = "It was not downloaded, as 'offline' or GNNREC_OFFLINE is set."
    return { problem, cause: undefined }
  }
  const { join } = nodeModule('node:path')
  const target = join(directory ?? cacheFolder(), place.folder)
  const { name, licence } = place
  try {
    for (const { file, address, ...checks } of place.downloads) {
      const base = mirror?.replace(/\/+$/, '')
      await downloadFile({
        ...(base === undefined ? checks : withoutDigestAddress(checks)),
        address: base === undefined ? address : `${base}/${place.folder}/${file}`,
        file: join(target, file),
        name: place.downloads.length > 1 ? `${name}/${file}` : name,
        licence,
        progress,
        signal,
      })
    }
  } catch (cause) {
    if (!(cause instanceof DownloadError)) throw cause
    return { problem: `It could not be downloaded. ${cause.message}`, cause }
  }
  const found = await lookIn([target], place, wanted)
  return found ?? { problem: 'What was downloaded does not hold them.', cause: undefined }
}

/** A mirror may have the files alone. */
function withoutDigestAddress({
  md5Address: _,
  ...checks
}: Omit<PublishedFile, 'file' | 'address'>): Omit<PublishedFile, 'file' | 'address'> {
  return checks
}

/** What finds files in a folder, plain or with `.gz` appended, or in the first archive that is there. */
function finder(folder: string, archives: readonly string[]): FoundDataset['find'] {
  let packed: Promise<readonly FoundFile[]> | undefined
  return async (names) => {
    for (const name of names) {
      for (const ending of ['', '.gz']) {
        const path = nodeModule('node:path').join(folder, name + ending)
        if (await isFile(path)) return { name, path, source: path }
      }
    }
    packed ??= filesInArchives(archives)
    const inside = await packed
    for (const name of names) {
      const file = inside.find((entry) => entry.name === name || entry.name === `${name}.gz`)
      if (file) return { ...file, name }
    }
    return undefined
  }
}

async function filesInArchives(archives: readonly string[]): Promise<FoundFile[]> {
  for (const archive of archives) {
    if (!(await isFile(archive))) continue
    const entries = await zipEntries({ name: archive, content: archive })
    // The shallowest of equal names: others are copies or what a system has added.
    entries.sort((a, b) => a.split('/').length - b.split('/').length)
    return entries.map((entry) => ({
      name: entry.slice(entry.lastIndexOf('/') + 1),
      path: `${archive}, ${entry}`,
      source: { archive, entry },
    }))
  }
  return []
}

async function isFile(path: string): Promise<boolean> {
  const stats = await nodeModule('node:fs/promises')
    .stat(path)
    .catch(() => undefined)
  return stats?.isFile() ?? false
}

function candidateFolders(folder: string, directory: string | undefined): string[] {
  const { join } = nodeModule('node:path')
  if (directory !== undefined) return [join(directory, folder), directory]
  const { GNNREC_DATA_DIR: data } = process.env
  return [...(data ? [join(data, folder)] : []), join(cacheFolder(), folder)]
}

function cacheFolder(): string {
  const { join } = nodeModule('node:path')
  const { XDG_CACHE_HOME: cache } = process.env
  return join(cache || join(nodeModule('node:os').homedir(), '.cache'), 'gnnrec')
}
