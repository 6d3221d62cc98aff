/** Notes on how to read the table of an experiment. */
export interface StudyNotes {
  readonly title: string
  /** Metric of the paired tests. */
  readonly metric: string
  /**
   * Reference of the paired tests: one model for all, or for each model its own setting with one of
   * these labels.
   */
  readonly reference: { readonly model: string } | { readonly settings: readonly string[] }
  /** Sentence on the limits of the numbers, where one is needed. */
  readonly note?: string
}

/** An experiment of this example. */
export interface Study extends StudyNotes {
  /** Name of the file in `experiments`. */
  readonly file: string
}

/** Studies by their name on the command line. */
export const studies = {
  models: {
    file: 'models.yaml',
    title: 'All trained models and four baselines',
    metric: 'ndcg@10',
    reference: { model: 'bpr-mf' },
  },
  search: {
    file: 'search.yaml',
    title: 'All trained models and four baselines, settings chosen on validation',
    metric: 'ndcg@10',
    reference: { model: 'bpr-mf' },
  },
  published: {
    file: 'published.yaml',
    title:
      'All trained models and four baselines on all data sets, settings chosen on validation, with and without regard to coverage',
    metric: 'ndcg@10',
    reference: { model: 'bpr-mf' },
  },
  depth: {
    file: 'depth.yaml',
    title: 'Depth',
    metric: 'ndcg@10',
    reference: { settings: ['2 layers', 'rank 15'] },
  },
  ablation: {
    file: 'ablation.yaml',
    title: 'Models without each of their parts',
    metric: 'ndcg@10',
    reference: { settings: ['full'] },
  },
  'global-time': {
    file: 'global-time.yaml',
    title: 'One cut in time for all users',
    metric: 'ndcg@10',
    reference: { model: 'popularity' },
    note: 'This protocol can hardly tell models apart: nearly all test users have no row in train and are answered by Popularity for every model, and too few warm users remain.',
  },
} as const satisfies Readonly<Record<string, Study>>

/** Name of a study. */
export type StudyName = keyof typeof studies

export const studyNames = Object.keys(studies) as readonly StudyName[]
