import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Files that every package must contain. */
const wanted = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']

/**
 * Packs the built packages into a folder.
 *
 * @returns the tarball and the paths of the files in it, for each package by the name of its folder
 */
export function packPackages(folder) {
  const names = readdirSync(join(root, 'packages'))
  const workspaces = names.flatMap((name) => ['--workspace', `packages/${name}`])
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--json', ...workspaces, '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  return new Map(
    Object.values(packed).map(({ name, filename, files }) => {
      const short = name.replace('@gnnrec/', '')
      const paths = files.map(({ path }) => path)
      for (const path of wanted) {
        if (!paths.includes(path)) throw new Error(`The tarball of ${short} lacks ${path}.`)
      }
      return [short, { tarball: join(folder, filename), paths }]
    }),
  )
}
