import { defineConfig } from 'vitepress'
import { repositoryLinks } from './repository-links.mjs'
import { sidebar } from './sidebar.mjs'

export default defineConfig({
  title: 'gnnrec',
  description:
    'Graph recommenders in TypeScript: train, evaluate and serve them in Node.js and in pages.',
  lang: 'en-GB',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  // TypeDoc's pages are not among the Markdown files; scripts/docs-site.mjs checks links to them.
  srcExclude: ['api/**'],
  ignoreDeadLinks: [/^\/api\//],
  markdown: { config: repositoryLinks },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/guides/' },
      { text: 'Models', link: '/which-model' },
      { text: 'Reference', link: '/reference/' },
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar,
    socialLinks: [{ icon: 'github', link: 'https://github.com/gnnrec/gnnrec' }],
    footer: { message: 'MIT licence. The bundled ratings are MovieTweetings.' },
  },
})
