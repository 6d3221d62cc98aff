/** Makes a group of the sidebar of pairs of a text and a page. */
const group = (text, pages, collapsed) => ({
  text,
  ...(collapsed !== undefined && { collapsed }),
  items: Object.entries(pages).map(([page, title]) => ({ text: title, link: page })),
})

export const sidebar = [
  group('Start', {
    '/start': 'Five minutes',
    '/the-long-way': 'The long way',
    '/packages': 'The packages one by one',
    '/which-model': 'Which model?',
  }),
  group('Guides', {
    '/guides/': 'All guides',
    '/guides/own-data': 'Your own data',
    '/guides/new-users': 'New users and sessions',
    '/guides/filters-and-rules': 'Filters and rules',
    '/guides/reasons': 'Reasons',
    '/guides/evaluation': 'Evaluation that means something',
    '/guides/experiments': 'Search and experiments',
    '/guides/extend': 'Own model, loss, metric',
    '/guides/large-data': 'Large data',
    '/guides/browser': 'Browser and edge',
    '/guides/databases': 'PostgreSQL and Qdrant',
    '/guides/gpu': 'GPU',
    '/guides/privacy': 'Privacy',
    '/guides/troubleshooting': 'Troubleshooting',
  }),
  group('Architectures', {
    '/architectures/': 'Overview and depth',
    '/architectures/bpr-mf': 'BPR-MF',
    '/architectures/light-gcn': 'LightGCN',
    '/architectures/gcnii': 'GCNII',
    '/architectures/dgr': 'DGR',
    '/architectures/svd-gcn': 'SVD-GCN',
    '/architectures/layer-gcn': 'LayerGCN',
    '/architectures/group-shuffle': 'GroupShuffle',
  }),
  group('Coming from', {
    '/coming-from/': 'Names side by side',
    '/coming-from/implicit': 'implicit',
    '/coming-from/lightfm': 'LightFM',
    '/coming-from/recbole': 'RecBole',
    '/coming-from/surprise': 'Surprise',
    '/coming-from/pytorch-geometric': 'PyTorch Geometric',
    '/coming-from/gorse': 'Gorse',
  }),
  group('Reference', {
    '/reference/': 'Overview',
    '/reference/errors': 'Errors',
    '/reference/command': 'Command line',
    '/reference/model-folder': 'Model folder',
    '/reference/glossary': 'Glossary',
    '/limits': 'Limits',
  }),
  group(
    'Background',
    {
      '/decisions/': 'Decisions',
      '/seed': 'The Python system',
      '/predecessor': 'Settings of the Python system',
    },
    true,
  ),
]
