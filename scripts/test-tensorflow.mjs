// Runs the tests for every backend, and those of TensorFlow's runtime, on that runtime. Run
// `npm run setup:tensorflow` before.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

try {
  createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu')
} catch {
  console.error("TensorFlow's runtime is not here: run 'npm run setup:tensorflow' first.")
  process.exit(1)
}

// The backend simd has its own tests.
const packages = readdirSync('packages').filter((name) => name !== 'tfjs-backend-simd')
const files = packages.flatMap((name) => {
  const folder = join('packages', name, 'test')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => /describeEachBackend\(|testsTensorflow/.test(readFileSync(file, 'utf8')))
})

spawnSync('node', ['scripts/generate.mjs'], { stdio: 'inherit' })
const { status } = spawnSync(
  process.execPath,
  [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2), ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, GNNREC_TEST_BACKEND: 'tensorflow', TF_CPP_MIN_LOG_LEVEL: '1' },
  },
)
process.exit(status ?? 1)
