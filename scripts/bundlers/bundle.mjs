// Bundles the programs beside this file with one bundler:
//   node bundle.mjs BUNDLER [PROGRAM...]
// `scripts/check-bundlers.mjs` copies this folder to where the packages and the bundlers are installed.
import { join } from 'node:path'

const [name, ...wanted] = process.argv.slice(2)
const here = import.meta.dirname
const out = (folder) => join(here, 'out', folder)
const programs = ['pipeline-main', 'processes-main', 'page-main'].filter(
  (program) => wanted.length === 0 || wanted.includes(program),
)
/** Gives `require` to bundles of ES modules, as the documentation of esbuild says. */
const banner =
  "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"
const onServer = programs.filter((program) => program !== 'page-main')
const inPage = programs.filter((program) => program === 'page-main')
const entriesOf = (list) =>
  Object.fromEntries(list.map((program) => [program, join(here, `${program}.mjs`)]))

/** Packages that may be missing; a bundler may warn of them. */
const optional = /\b(apache-arrow|hyparquet-writer|bullmq|ioredis)\b/

/** Warnings that say nothing about our packages. */
const harmless = [
  // tfjs-core reaches for Node's modules inside branches that a page never enters.
  /node-fetch|string_decoder|Module "(util|crypto)" has been externalized/,
  // CommonJS has no `import.meta`; the packages do without it there.
  /"import\.meta" is not available|empty-import-meta/,
]

const bundlers = {
  async webpack() {
    const { default: webpack } = await import('webpack')
    const common = {
      mode: 'production',
      context: here,
      performance: { hints: false },
      cache: false,
    }
    const configs = [
      onServer.length > 0 && {
        ...common,
        target: 'node20',
        entry: entriesOf(onServer),
        output: { path: out('webpack'), filename: '[name].cjs', chunkFilename: '[name].cjs' },
        optimization: { minimize: false },
      },
      inPage.length > 0 && {
        ...common,
        target: 'web',
        entry: entriesOf(inPage),
        output: { path: out('webpack-page'), filename: '[name].js' },
        // The bundle for a page of esbuild is minified, which takes it no time.
        optimization: { minimize: false },
      },
    ].filter(Boolean)
    const stats = await new Promise((resolve, reject) =>
      webpack(configs, (error, found) => (error ? reject(error) : resolve(found))),
    )
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
    report(errors, warnings)
  },

  async esbuild() {
    const { build } = await import('esbuild')
    const common = { absWorkingDir: here, bundle: true, logLevel: 'silent' }
    const server = {
      ...common,
      platform: 'node',
      target: 'node20',
      entryPoints: entriesOf(onServer),
    }
    const page = { ...common, platform: 'browser', entryPoints: entriesOf(inPage), minify: true }
    for (const settings of [
      {
        ...server,
        format: 'esm',
        splitting: true,
        outExtension: { '.js': '.mjs' },
        outdir: out('esbuild-esm'),
        banner: { js: banner },
      },
      { ...server, format: 'cjs', outExtension: { '.js': '.cjs' }, outdir: out('esbuild-cjs') },
      { ...page, format: 'esm', splitting: true, outdir: out('esbuild-page') },
    ]) {
      if (Object.keys(settings.entryPoints).length === 0) continue
      const { errors, warnings } = await build(settings).catch((error) => error)
      report(errors, warnings)
    }
  },

  async rollup() {
    const { rollup } = await import('rollup')
    const { default: nodeResolve } = await import('@rollup/plugin-node-resolve')
    const { default: commonjs } = await import('@rollup/plugin-commonjs')
    const { default: json } = await import('@rollup/plugin-json')
    const warnings = []
    const onwarn = (warning) => {
      // Third-party packages have cycles, a global `this`, and annotations in places that Rollup ignores.
      const harmless = ['CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED', 'EVAL', 'INVALID_ANNOTATION']
      if (!harmless.includes(warning.code)) {
        warnings.push(warning)
      }
    }
    const bundle = async (list, browser, outputs) => {
      if (list.length === 0) return
      const bundled = await rollup({
        input: entriesOf(list),
        onwarn,
        plugins: [
          nodeResolve({
            browser,
            preferBuiltins: !browser,
            exportConditions: browser ? [] : ['node'],
          }),
          commonjs({ ignoreDynamicRequires: true }),
          json(),
        ],
      })
      for (const output of outputs) await bundled.write(output)
      await bundled.close()
    }
    await bundle(onServer, false, [
      {
        dir: out('rollup-esm'),
        format: 'esm',
        banner,
        entryFileNames: '[name].mjs',
        chunkFileNames: '[name].mjs',
      },
      {
        dir: out('rollup-cjs'),
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: '[name].cjs',
      },
    ])
    await bundle(inPage, true, [{ dir: out('rollup-page'), format: 'esm' }])
    report([], warnings)
  },

  async vite() {
    const { build, createLogger } = await import('vite')
    const warnings = []
    const logger = createLogger('silent')
    logger.warn = (text) => warnings.push({ message: text })
    const common = { root: here, configFile: false, customLogger: logger }
    if (onServer.length > 0) {
      await build({
        ...common,
        ssr: { noExternal: true, target: 'node' },
        build: {
          ssr: true,
          outDir: out('vite'),
          rollupOptions: {
            input: entriesOf(onServer),
            output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
          },
        },
      })
    }
    if (inPage.length > 0) {
      await build({
        ...common,
        build: {
          outDir: out('vite-page'),
          chunkSizeWarningLimit: 1e5,
          rollupOptions: { input: entriesOf(inPage), output: { entryFileNames: '[name].js' } },
        },
      })
    }
    report([], warnings)
  },
}

function report(errors = [], warnings = []) {
  const worth = warnings.filter(({ message, text, id, exporter, moduleName }) => {
    const all = [message, text, id, exporter, moduleName].join(' ')
    return !optional.test(all) && !harmless.some((pattern) => pattern.test(all))
  })
  for (const { message, text, moduleName, location, loc } of [...errors, ...worth]) {
    console.error(moduleName ?? location?.file ?? loc?.file ?? '', message ?? text)
  }
  if (errors.length > 0 || worth.length > 0) process.exitCode = 1
}

await bundlers[name]()
