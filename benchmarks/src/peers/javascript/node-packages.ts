import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cacheFolder } from '../../cache-folder.js'

/**
 * Returns a folder with packages from the npm registry. They are installed at the first call, so
 * that only those who run a comparison download them.
 *
 * @throws Error when they cannot be installed
 */
export function folderWith(packages: readonly string[]): string {
  const folder = cacheFolder('javascript')
  const done = `${folder}/installed`
  const wanted = packages.join('\n')
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return folder
  console.log(`Installing ${packages.join(', ')} in ${folder}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/package.json`, '{ "private": true }')
  const settings = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder]
  execFileSync('npm', ['install', ...settings, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  writeFileSync(done, wanted)
  return folder
}
