export type { ModelTest } from './testing/model-test.js'
export { type ModelTestOptions, modelTests } from './testing/model-tests.js'
