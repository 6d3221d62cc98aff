import { steeringCharacters } from '@gnnrec/graph/files'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for an element or an attribute in quotes. Control characters, and those that change the direction of text, are dropped. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character])
    .replace(steeringCharacters, (character) => (/\s/.test(character) ? ' ' : ''))
    .replace(/\p{Surrogate}/gu, '\ufffd')
}
