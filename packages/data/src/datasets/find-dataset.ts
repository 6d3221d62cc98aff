import { downloadFile } from '../downloads/download-file.js'
import { DatasetNotFoundError, DownloadError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { nodeModule } from '../sources/node-files.js'
import { zipEntries } from '../sources/open-zip.js'
import type { ParsedLoadOptions } from './load-options.js'

/** A file on the publisher's server. */
interface PublishedFile {
  readonly address: string
  /** The name of the file in the data set's folder. */
  readonly file: string
  readonly sha256?: string
  readonly md5?: string
  /** The address of a file that holds the MD5. */
  readonly md5Address?: string
  readonly maxBytes: number
}

/** The publisher's addresses of a data set and the name of its folder. */
export interface DatasetPlace {
  readonly name: string
  readonly folder: string
  /** The address that error messages name, for fetching the set by hand. */
  readonly address: string
  readonly licence: string
  /** The files to download when the set is not on disk. Empty when no server has them. */
  readonly downloads: readonly PublishedFile[]
}

/** A file that was found, whether plain, gzip-compressed or in an archive. */
interface FoundFile {
  /** The name that was asked for, without `.gz`. */
  readonly name: string
  /** The path as it is shown in messages. */
  readonly path: string
  readonly source: FileSource
}

/** The files of a data set that were found. */
export interface FoundDataset {
  readonly files: readonly FoundFile[]
  /** Finds another file in the same place: the first of several names that exists. */
  readonly find: (names: readonly string[]) => Promise<FoundFile | undefined>
}

/**
 * Finds the first place that has all wanted files, and downloads them when no place has.
 *
 * @param wanted - the names that each file may have, best first. Every name is also looked for with
 * `.gz` appended, and inside `FOLDER.zip`.
 * @throws DatasetNotFoundError when the files are nowhere; the message names every place, the address
 * and the reason why the download failed
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
    const problem = "It was not downloaded, because 'offline' or GNNREC_OFFLINE is set."
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
  return found ?? { problem: 'The downloaded files do not include them.', cause: undefined }
}

/** Leaves out the address of the digest file, because a mirror need not have that file. */
function withoutDigestAddress({
  md5Address: _,
  ...checks
}: Omit<PublishedFile, 'file' | 'address'>): Omit<PublishedFile, 'file' | 'address'> {
  return checks
}

/** Returns a function that finds files in a folder, with or without `.gz`, or else in the first archive that exists. */
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
    // Of files with the same name the least deeply nested is taken: the others are copies or system files.
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
