import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Ignored by git, kept between runs. */
const folder = fileURLToPath(
  new URL('../../../node_modules/.cache/gnnrec-benchmarks/python', import.meta.url),
)

const packages = [
  'numpy==2.4.6',
  'scipy==1.17.1',
  'scikit-learn==1.9.1',
  'ranx==0.3.21',
  'pytrec-eval-terrier==0.5.11',
  'implicit==0.7.3',
]
/** Only its metrics are used, which need none of what the package depends on. */
const withoutDependencies = ['recbole==1.2.1']

/**
 * A Python with the libraries that are compared with: that of `GNNREC_PYTHON`, which has to have them,
 * or one in a virtual environment that is made when it is first asked for.
 *
 * @throws Error when there is no Python 3.11 or later, or the packages cannot be installed
 */
export function pythonWithLibraries(): string {
  const own = process.env['GNNREC_PYTHON']
  if (own) return own
  const python = `${folder}/bin/python`
  const done = `${folder}/installed`
  if (existsSync(done)) return python
  console.log(`Installing ${[...packages, ...withoutDependencies].join(', ')} in ${folder}`)
  const run = (command: string, ...given: string[]) =>
    execFileSync(command, given, { stdio: ['ignore', 'ignore', 'inherit'] })
  run('python3', '-m', 'venv', '--clear', folder)
  run(python, '-m', 'pip', 'install', '--quiet', ...packages)
  run(python, '-m', 'pip', 'install', '--quiet', '--no-deps', ...withoutDependencies)
  run('touch', done)
  return python
}
