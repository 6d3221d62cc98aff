const fake = process.env.GNNREC_TEST_FAKE

export function resolve(specifier, context, next) {
  if (!specifier.startsWith('@tensorflow/tfjs-node')) return next(specifier, context)
  if (fake) return { url: new URL(fake, import.meta.url).href, shortCircuit: true }
  const error = new Error(`Cannot find package '${specifier}' imported from ${context.parentURL}`)
  throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' })
}
