import { type DiagnoseOptions, diagnose, formatDiagnosis } from '@gnnrec/doctor'
import type { CommandIo } from './io.js'

interface DoctorFlags {
  readonly backends?: readonly string[]
  readonly parts?: readonly string[]
  readonly gpu: 'require' | 'allow' | 'forbid'
  readonly threads?: number
}

/** Describes the machine and checks backends; the exit code is 1 when there is a problem. */
export async function run(
  _args: readonly [],
  { backends, parts, gpu, threads }: DoctorFlags,
  io: CommandIo,
): Promise<void> {
  const diagnosis = await diagnose({
    ...(backends && { backends }),
    ...(parts && { parts }),
    ...(threads !== undefined && { threads }),
    gpu,
    signal: io.signal,
    onStart: (backend: string) => io.progress(`Checking ${backend} …`),
  } as DiagnoseOptions)
  const misses = gpu === 'require' && diagnosis.backends.some(({ active }) => !active)
  if (diagnosis.problems.length > 0 || misses) process.exitCode = 1
  io.result(diagnosis, () => formatDiagnosis(diagnosis))
}
