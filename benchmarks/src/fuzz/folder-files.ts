import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Mutant } from './mutate.js'
import type { Files } from './subject.js'

/** Reads all files below a folder, in the order of their names. */
export function readFolder(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  return new Map(
    paths.sort().map((path) => [path, new Uint8Array(readFileSync(join(folder, path)))]),
  )
}

/** Bytes of a file that is made huge. */
const hugeBytes = 1.9e9

/** Counts the bytes of all files of an input. */
export function inputBytes({ files, odd }: Pick<Mutant, 'files' | 'odd'>): number {
  return [...files].reduce(
    (sum, [name, { length }]) => sum + (odd.get(name) === 'huge' ? hugeBytes : length),
    0,
  )
}

/** Writes an input into a folder, which is emptied first. */
export function writeFolder(folder: string, { files, odd }: Pick<Mutant, 'files' | 'odd'>): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of files) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    const kind = odd.get(name)
    if (kind === 'folder') mkdirSync(path)
    else if (kind === 'pipe') execFileSync('mkfifo', [path])
    else if (kind === 'endless') symlinkSync('/dev/zero', path)
    else if (kind === 'loop') symlinkSync(path, path)
    // Whoever writes to it makes a file outside of the folder.
    else if (kind === 'outward') symlinkSync(join(folder, '../outside'), path)
    else writeFileSync(path, bytes)
    // The file has a size and takes no room on the disk.
    if (kind === 'huge') truncateSync(path, hugeBytes)
  }
}

/** Returns the name of a kind of input as that of a folder. */
export function folderName(subject: string): string {
  return subject.replaceAll(/\W+/g, '-')
}
