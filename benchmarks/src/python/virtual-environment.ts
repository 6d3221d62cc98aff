import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cacheFolder } from '../cache-folder.js'

/** Packages that a script imports, in the form that pip reads. */
export interface PythonPackages {
  /** Name of the set, by which it is found among the installed ones. */
  readonly name: string
  readonly packages: readonly string[]
  /**
   * Packages to install without their dependencies, since the part of them that is used needs none.
   */
  readonly withoutDependencies?: readonly string[]
}

/**
 * Returns a Python that has some packages: that of `GNNREC_PYTHON`, which must have them, or one in
 * a virtual environment, which is made at the first call.
 *
 * @throws Error when there is no Python 3.11 or later, or the packages cannot be installed
 */
export function pythonWith({ name, packages, withoutDependencies = [] }: PythonPackages): string {
  const own = process.env['GNNREC_PYTHON']
  if (own) return own
  const folder = cacheFolder('python')
  const python = `${folder}/bin/python`
  const done = `${folder}/installed-${name}`
  const wanted = [...packages, ...withoutDependencies].join('\n')
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return python
  console.log(`Installing ${wanted.replaceAll('\n', ', ')} in ${folder}`)
  const run = (command: string, ...given: string[]) =>
    execFileSync(command, given, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (!existsSync(python)) {
    mkdirSync(folder, { recursive: true })
    run('python3', '-m', 'venv', '--clear', folder)
  }
  const install = (...given: string[]) => run(python, '-m', 'pip', 'install', '--quiet', ...given)
  install(...packages)
  if (withoutDependencies.length > 0) install('--no-deps', ...withoutDependencies)
  writeFileSync(done, wanted)
  return python
}
