import type { Handler } from '../../src/handler.js'

/** An answer with its JSON. */
export interface Told {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of all kinds
  readonly json: any
}

/** Returns functions that ask a handler and read the JSON of its answers. */
export function asking(handler: Handler, headers: Record<string, string> = {}) {
  const told = async (answer: Response): Promise<Told> => {
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      json: text === '' ? undefined : JSON.parse(text),
    }
  }
  return {
    get: async (path: string) =>
      told(await handler(new Request(`http://localhost${path}`, { headers }))),
    post: async (path: string, body: unknown) =>
      told(
        await handler(
          new Request(`http://localhost${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
        ),
      ),
  }
}
