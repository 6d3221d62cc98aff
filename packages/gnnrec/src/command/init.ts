import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { FolderExistsError } from '../errors.js'
import type { CommandIo } from './io.js'
import { projectFiles } from './project-files.js'

/** Writes a small project into a folder. */
export async function run(
  [folder]: readonly [string],
  { force = false }: { readonly force?: boolean },
  io: CommandIo,
): Promise<void> {
  const path = resolve(folder)
  await checkEmpty(path, folder, force)
  await mkdir(path, { recursive: true })
  const name = basename(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
  const files = projectFiles(name || 'recommender')
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text)
  io.result({ folder, files: Object.keys(files) }, () =>
    [
      `Wrote ${Object.keys(files).join(', ')} into ${folder}.`,
      `Next: cd ${folder} && npm install && npm run train && npm start`,
    ].join('\n'),
  )
}

async function checkEmpty(path: string, folder: string, force: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return
  if (!found.isDirectory()) {
    throw new FolderExistsError(`${folder} is a file; name a folder for the project.`)
  }
  if (force || (await readdir(path)).length === 0) return
  throw new FolderExistsError(
    `${folder} is not empty and stays as it is. Name another folder, or pass --force to write into it.`,
  )
}
