import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', '{examples/*,benchmarks,scripts}/vitest.config.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text', 'json-summary'],
    },
  },
})
