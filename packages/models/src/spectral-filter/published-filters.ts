import type { SpectralFilterOptions } from './spectral-filter-options.js'

/**
 * The settings of the papers, by data set and filter: Shen et al. 2021, Choi et al. 2023, Kim et al. 2025.
 */
export const publishedFilters = {
  gowalla: {
    gfCf: { filter: 'gf-cf', vectors: 256, idealWeight: 0.3 },
    bspm: {
      filter: 'bspm',
      vectors: 448,
      idealWeight: 0.2,
      solver: 'rk4',
      sharpenTime: 2.5,
      sharpenSteps: 1,
      merge: 'early',
    },
    chebyshev: {
      filter: 'chebyshev',
      order: 8,
      flatness: 1.5,
      vectors: 512,
      idealWeight: 0.2,
      degreeExponent: 0.4,
      interpolation: 'official',
    },
  },
  amazonBook: {
    linear: { filter: 'linear' },
  },
} as const satisfies Record<string, Record<string, SpectralFilterOptions>>
