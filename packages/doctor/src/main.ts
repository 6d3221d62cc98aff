#!/usr/bin/env node
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { printableText } from '@gnnrec/graph'
import { TextOutput } from '@gnnrec/graph/files'
import { type DiagnoseOptions, diagnose } from './diagnose.js'
import { formatDiagnosis } from './format-diagnosis.js'

const help = `gnnrec-doctor [options]

Describes this machine for users of @gnnrec and for bug reports, and checks each backend: every kernel
against the reference, three epochs of a training, the time of a training step, and memory. A backend
takes about a minute.

  --backends NAMES   simd, tensorflow or cpu, separated by commas (default simd,tensorflow)
  --parts NAMES      kernels, training or speed, separated by commas (default all)
  --gpu USE          require, allow or forbid a GPU for tensorflow (default allow)
  --threads N        number of threads that compute (default: that of each backend)
  --json FILE        write the diagnosis to a file as JSON
  --help             print this text

Exits with code 1 when there is a problem. That TensorFlow is not installed is a problem only with
--gpu require.`

// They fall silent when their reader goes away; the exit code still says what was found.
const output = new TextOutput(process.stdout)
const messages = new TextOutput(process.stderr)

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      backends: { type: 'string' },
      parts: { type: 'string' },
      gpu: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    output.write(`${help}\n`)
    return
  }
  const diagnosis = await diagnose({
    ...(values.backends && { backends: values.backends.split(',') }),
    ...(values.parts && { parts: values.parts.split(',') }),
    ...(values.gpu && { gpu: values.gpu }),
    ...(values.threads && { threads: Number(values.threads) }),
    onStart: (backend: string) => messages.write(`Checking ${backend} …\n`),
  } as DiagnoseOptions)
  output.write(`${printableText(formatDiagnosis(diagnosis))}\n`)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(diagnosis, undefined, 2)}\n`)
  const misses = diagnosis.backends.some(({ active }) => !active) && values.gpu === 'require'
  process.exitCode = diagnosis.problems.length > 0 || misses ? 1 : 0
}

main().catch((error: unknown) => {
  messages.write(`${printableText(error instanceof Error ? error.message : String(error))}\n`)
  process.exitCode = 1
})
