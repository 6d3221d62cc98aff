import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../cache-folder.js'

/**
 * Compiles `native/spmm.c` for this processor.
 *
 * @returns path of the program
 * @throws Error when there is no gcc, or the processor has neither AVX-512 nor AVX2
 */
export function nativeProduct(): string {
  const source = fileURLToPath(new URL('../../native/spmm.c', import.meta.url))
  const folder = cacheFolder('native')
  mkdirSync(folder, { recursive: true })
  const program = `${folder}/spmm`
  const options = ['-O3', '-march=native', '-fopenmp']
  execFileSync('gcc', [...options, source, '-o', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return program
}
