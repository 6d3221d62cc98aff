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
  const dead = deadLinks()
  for (const each of dead) console.error(each)
  console.log(`${pages().length} pages in ${site}, ${dead.length} dead links`)
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

/** Finds links to pages of TypeDoc and to headings that do not exist, which VitePress does not check. */
function deadLinks() {
  const texts = new Map()
  const textOf = (path) => {
    if (!texts.has(path)) {
      const file = join(site, path)
      texts.set(path, existsSync(file) ? readFileSync(file, 'utf8') : undefined)
    }
    return texts.get(path)
  }
  return pages().flatMap((page) => {
    const links = textOf(page).matchAll(/<a\b[^>]*\shref="([/#][^"]*)"/g)
    return [...new Set([...links].map(([, href]) => href))]
      .filter((href) => {
        const [path, id] = href.split('#')
        const target = path === '' ? page : path.slice(1)
        const text = textOf(target === '' || target.endsWith('/') ? `${target}index.html` : target)
        return text === undefined || (id && !text.includes(` id="${decodeURIComponent(id)}"`))
      })
      .map((href) => `${page} links to ${href}, which does not exist`)
  })
}
