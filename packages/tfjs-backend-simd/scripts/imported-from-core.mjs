// An esbuild plugin for modules of tfjs-core: what its main entry exports, too, is imported from there
// instead of being bundled a second time.
import { rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

const ownSuffix = '?own'
/** A module of one import, since a bundle would have one for each name. */
const coreModule = 'virtual:core'
const coreCode = `import * as core from '@tensorflow/tfjs-core'\nexport { core }`

/**
 * @param entry - the module that will be bundled
 * @param index - tfjs-core's main entry as modules
 * @param temporary - a file to be written and removed
 */
export async function importedFromCore({ entry, index, temporary, external }) {
  const folder = dirname(index)
  const { inputs } = (await bundle({ entryPoints: [entry] }, external)).metafile
  const files = Object.keys(inputs)
    .map((path) => join(process.cwd(), path))
    .filter((path) => path !== entry && !relative(folder, path).startsWith('gradients'))
  const sources = await publicSources({ files, index, temporary, external })
  return {
    name: 'imported-from-core',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${coreModule}$`) }, () => ({
        path: coreModule,
        namespace: coreModule,
      }))
      onLoad({ filter: /./, namespace: coreModule }, () => ({
        contents: coreCode,
        resolveDir: folder,
      }))
      onResolve({ filter: /\?own$/ }, ({ path }) => ({
        path: path.slice(0, -ownSuffix.length),
        suffix: ownSuffix,
        sideEffects: false,
      }))
      onLoad({ filter: /\.js$/ }, ({ path, suffix }) => {
        const found = sources.get(path)
        if (!found || suffix === ownSuffix) return undefined
        return { contents: reexports(path, found), resolveDir: folder }
      })
    },
  }
}

/** For each file and each name it exports, where the main entry has the same value, if anywhere. */
async function publicSources({ files, index, temporary, external }) {
  const modules = [index, ...files].map((path) => JSON.stringify(path))
  const contents = modules
    .map((path, i) => `import * as m${i} from ${path}\nexport { m${i} }\n`)
    .join('')
  const stdin = { contents, resolveDir: dirname(index) }
  const { outputFiles } = await bundle({ stdin, platform: 'node', format: 'cjs' }, external)
  await writeFile(temporary, outputFiles[0].text)
  try {
    const { m0: main, ...rest } = createRequire(import.meta.url)(temporary)
    const places = valuePlaces(main)
    return new Map(
      files.map((path, i) => {
        const names = Object.entries(rest[`m${i + 1}`])
        return [path, new Map(names.map(([name, value]) => [name, places.get(value)]))]
      }),
    )
  } finally {
    await rm(temporary)
  }
}

/** An expression for each value of the main entry, its namespaces and its engine. */
function valuePlaces(main) {
  const places = new Map()
  const add = (exports, prefix) => {
    for (const [name, value] of Object.entries(exports)) {
      // Equal numbers and strings are not the same thing.
      const isReference = typeof value === 'function' || (typeof value === 'object' && value)
      if (isReference && !places.has(value)) places.set(value, `${prefix}${name}`)
      // Names of kernels are constants of the same name.
      if (value === name) places.set(value, `${prefix}${name}`)
    }
  }
  add(main, '')
  for (const [name, value] of Object.entries(main)) {
    if (typeof value === 'object' && value && !Array.isArray(value)) add(value, `${name}.`)
  }
  places.set(main.engine(), 'engine()')
  return places
}

function reexports(path, sources) {
  const lines = [...sources].map(([name, source]) =>
    source
      ? // A function, so that what nobody reads can be left out.
        `export const ${name} = /* @__PURE__ */ (() => core.${source})()`
      : `export { ${name} } from ${JSON.stringify(path + ownSuffix)}`,
  )
  return [`import { core } from '${coreModule}'`, ...lines].join('\n')
}

function bundle(what, external) {
  return build({
    format: 'esm',
    platform: 'neutral',
    ...what,
    bundle: true,
    write: false,
    metafile: true,
    external,
    logLevel: 'warning',
  })
}
