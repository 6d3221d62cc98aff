/**
 * Returns a field of a CSV file by RFC 4180: in quotes where the text has a comma, a quote or the end of a line.
 *
 * @example
 * ```ts
 * import { csvField } from '@gnnrec/graph/files'
 *
 * console.log(['ann', 'say "hi"'].map(csvField).join(',')) // ann,"say ""hi"""
 * ```
 */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
