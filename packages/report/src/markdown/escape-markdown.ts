import { steeringCharacters } from '@gnnrec/graph/files'
/** Escapes text for a line or a cell of GitHub's Markdown, so that nothing in it is markup. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\t-\r\u2028\u2029 ]+/g, ' ')
    .replace(steeringCharacters, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\|*_`[\]~$]/g, '\\$&')
    .replace(/^([-+#=])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/\p{Surrogate}/gu, '\ufffd')
}
