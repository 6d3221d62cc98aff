// Builds the site of docs/ into docs/.vitepress/dist, or serves it while pages are written.
//   node scripts/docs-site.mjs [dev]
// A dead link is an error.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeReference } from './docs/write-reference.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const docs = 'docs'
const site = join(docs, '.vitepress/dist')

writeReference()
if (process.argv[2] === 'dev') {
  process.exitCode = run('npx', ['vitepress', 'dev', docs])
} else {
  // The pages of TypeDoc are a part of the site.
  const api = join(docs, 'api')
  if (!existsSync(join(api, 'index.html')) && run('npm', ['run', '--silent', 'docs']) !== 0) {
    process.exit(1)
  }
  if (run('npx', ['vitepress', 'build', docs]) !== 0) process.exit(1)
  cpSync(api, join(site, 'api'), { recursive: true })
  const dead = deadApiLinks()
  for (const each of dead) console.error(each)
  console.log(`${pages().length} pages in ${site}, ${dead.length} dead links to the API`)
  if (dead.length > 0) process.exitCode = 1
}

function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit' }).status ?? 1
}

function pages() {
  return readdirSync(site, { recursive: true }).filter(
    (path) => path.endsWith('.html') && !path.startsWith('api'),
  )
}

/** Finds links to pages of TypeDoc that do not exist, which VitePress does not know. */
function deadApiLinks() {
  return pages().flatMap((page) => {
    const links = readFileSync(join(site, page), 'utf8').matchAll(/href="\/(api\/[^"#]*)/g)
    return [...new Set([...links].map(([, path]) => path))]
      .filter((path) => !existsSync(join(site, path)))
      .map((path) => `${page} links to /${path}, which does not exist`)
  })
}
