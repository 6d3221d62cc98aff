import { fileURLToPath } from 'node:url'

/** The folder that `scripts/check-bundlers.mjs` makes, with `node_modules` and this application. */
const root = fileURLToPath(new URL('..', import.meta.url))

export default { distDir: process.env.DIST, turbopack: { root }, outputFileTracingRoot: root }
