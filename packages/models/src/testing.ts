export { type ModelTest, type ModelTestOptions, modelTests } from './testing/model-tests.js'
