import { GnnRecError } from '../errors.js'

/**
 * Finds a file of an installed package, such as a program that runs in a process of its own. Code that
 * a bundler has moved out of its package finds it, too, as long as the package is installed where the
 * running program or the working folder finds it. Needs Node.js.
 *
 * @param file - path in the package, such as `dist/program.js`
 * @param moduleAddress - `import.meta.url` of a module that lies in the folder of the file; bundlers
 * that write CommonJS leave it undefined
 * @throws GnnRecError with code `PACKAGE_FILE_MISSING` when the file is nowhere
 *
 * @example
 * ```ts
 * import { findPackageFile } from '@gnnrec/graph/files'
 *
 * console.log(findPackageFile('@gnnrec/graph', 'package.json', undefined))
 * ```
 */
export function findPackageFile(
  packageName: string,
  file: string,
  moduleAddress: string | undefined,
): string {
  const load = globalThis.process.getBuiltinModule
  const { existsSync } = load('node:fs')
  const { createRequire } = load('node:module')
  const { basename, dirname, join, resolve } = load('node:path')
  const { fileURLToPath } = load('node:url')
  const places: string[] = []
  if (moduleAddress?.startsWith('file:')) {
    places.push(join(dirname(fileURLToPath(moduleAddress)), basename(file)))
  }
  for (const start of [globalThis.process.argv[1], join(globalThis.process.cwd(), 'program.js')]) {
    if (start === undefined) continue
    for (const folder of createRequire(resolve(start)).resolve.paths(packageName) ?? []) {
      places.push(join(folder, packageName, file))
    }
  }
  const found = places.find((place) => existsSync(place))
  if (found !== undefined) return found
  throw new GnnRecError(
    'PACKAGE_FILE_MISSING',
    `${packageName} runs its file ${file} in a process of its own, and the file is neither beside the running code nor in a folder node_modules of it or of ${globalThis.process.cwd()}. Install ${packageName} where the program runs, or keep it out of the bundle (webpack: externals; esbuild: --external:${packageName}).`,
  )
}
