/**
 * Returns the code blocks of a Markdown text that have a title (```ts title=name), by that title.
 */
export function titledSnippets(markdown) {
  const blocks = markdown.matchAll(/^```(?:ts|js) title=([\w-]+)(?: no-run)?\n([\s\S]*?)^```$/gm)
  return new Map([...blocks].map(([, title, code]) => [title, code]))
}
