import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('..', import.meta.url))
const root = join(docs, '..')

/**
 * Lets links of pages to files of the repository outside of docs/ lead to GitHub, as these files are not
 * part of the site. A link to a file that does not exist is an error.
 */
export function repositoryLinks(markdown) {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet('href')
      if (token.type !== 'link_open' || !/^\.{1,2}\//.test(href)) continue
      const [path, anchor = ''] = href.split('#')
      const target = join(dirname(join(docs, env.relativePath)), decodeURI(path))
      if (!relative(docs, target).startsWith('..')) continue
      if (!existsSync(target)) {
        throw new Error(`${env.relativePath} links to ${href}, which does not exist`)
      }
      const place = relative(root, target).replaceAll('\\', '/')
      const hash = anchor && `#${anchor}`
      token.attrSet('href', `https://github.com/gnnrec/gnnrec/blob/main/${place}${hash}`)
    }
  })
}
