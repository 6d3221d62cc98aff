#!/usr/bin/env node
// An installed package has been built. In the repository, packages that are out of date are built first.
import { existsSync } from 'node:fs'

const build = new URL('../../../scripts/run-quietly.mjs', import.meta.url)
if (existsSync(build)) {
  const { runQuietly } = await import(build.href)
  runQuietly('build', 'building the packages')
}
await import('../dist/main.js')
