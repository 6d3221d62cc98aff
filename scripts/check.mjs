// Runs all that CI checks after `npm ci`. Every step runs, even after another has failed. The tests
// come last, so that the output ends with their count.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const steps = [
  'lint',
  'check:prose',
  'build',
  'typecheck',
  'check:layers',
  'check:exports',
  'knip',
  'docs',
  'docs:site',
  'check:examples',
  'check:pages',
  'check:browser',
  'check:licences',
  'smoke',
  'check:bundlers',
  'test:tensorflow',
  'test',
]

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const environment = { ...process.env, NX_NO_CLOUD: 'true', NX_DAEMON: 'false' }
// Data sets whose terms forbid bundling are read from beside the repository.
const dataFolder = fileURLToPath(new URL('../../shared/data', import.meta.url))
if (!environment.GNNREC_DATA_DIR && existsSync(dataFolder)) environment.GNNREC_DATA_DIR = dataFolder

const failed = []
for (const step of steps) {
  if (step === 'test:tensorflow' && !hasTensorflow()) continue
  if (step === 'test' && failed.length > 0) console.log(`\nFAILED before the tests: ${failed}`)
  console.log(`\n── npm run ${step}`)
  const start = performance.now()
  const { status } = spawnSync('npm', ['run', '--silent', step], {
    stdio: 'inherit',
    env: environment,
  })
  if (status !== 0) failed.push(step)
  // The line that counts the tests must be the last one.
  if (step === 'test') break
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`── ${step}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
}
process.exit(failed.length > 0 ? 1 : 0)

/**
 * Sets up TensorFlow's runtime (270 MB) in CI and where it was set up before; returns true when it
 * is there.
 */
function hasTensorflow() {
  if (!environment.CI && !existsSync('.tensorflow')) return false
  console.log('\n── npm run setup:tensorflow')
  const { status } = spawnSync('npm', ['run', '--silent', 'setup:tensorflow'], {
    stdio: 'inherit',
    env: environment,
    timeout: 300_000,
  })
  if (status === 0) return true
  console.log('── test:tensorflow: LEFT OUT, since TensorFlow could not be set up here')
  return false
}
