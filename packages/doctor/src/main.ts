#!/usr/bin/env node
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type DiagnoseOptions, diagnose } from './diagnose.js'
import { formatDiagnosis } from './format-diagnosis.js'

const help = `gnnrec-doctor [options]

Says what this machine can do for @gnnrec, for a look and for bug reports, and checks each backend:
every kernel against the reference, three epochs of a training, a small timing, memory. Takes about a
minute a backend.

  --backends NAMES   with commas, of simd, tensorflow, cpu (default simd,tensorflow)
  --parts NAMES      with commas, of kernels, training, speed (default all)
  --gpu USE          require | allow | forbid (default allow), for tensorflow
  --threads N        threads that compute (default: each backend's own)
  --json FILE        write the diagnosis as JSON
  --help             this text

Ends with code 1 if something is wrong; a backend that is not installed is not, unless --gpu require.`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ backends: { type: 'string' }, parts: { type: 'string' }, gpu: { type: 'string' } },
      ...{ threads: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
    },
  })
  if (values.help) return console.log(help)
  const diagnosis = await diagnose({
    ...(values.backends && { backends: values.backends.split(',') }),
    ...(values.parts && { parts: values.parts.split(',') }),
    ...(values.gpu && { gpu: values.gpu }),
    ...(values.threads && { threads: Number(values.threads) }),
    onStart: (backend: string) => console.error(`Checking ${backend} …`),
  } as DiagnoseOptions)
  console.log(formatDiagnosis(diagnosis))
  if (values.json) writeFileSync(values.json, `${JSON.stringify(diagnosis, undefined, 2)}\n`)
  const misses = diagnosis.backends.some(({ active }) => !active) && values.gpu === 'require'
  process.exitCode = diagnosis.problems.length > 0 || misses ? 1 : 0
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
