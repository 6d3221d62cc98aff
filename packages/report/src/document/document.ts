import type { Chart } from '../charts/chart.js'

/** What a report says, whatever it is written as. All texts are plain and escaped by who writes them. */
export interface ReportDocument {
  readonly title: string
  readonly description: string | undefined
  readonly warnings: readonly Warning[]
  readonly sections: readonly Section[]
}

/** What a reader must know before the numbers. */
export interface Warning {
  /** Whom it is about. */
  readonly about: string
  readonly text: string
}

export interface Section {
  /** Fragment of its address. */
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

export type Block = Heading | Paragraph | TableBlock | Figure | UserLists

interface Heading {
  readonly kind: 'heading'
  readonly text: string
}

interface Paragraph {
  readonly kind: 'paragraph'
  readonly text: string
  /** Whether it is what a reader in a hurry should read. */
  readonly lead?: boolean
}

interface TableBlock {
  readonly kind: 'table'
  readonly caption: string
  readonly table: Table
}

export interface Table {
  readonly columns: readonly Column[]
  /** Cells of each row; the first one names the row. */
  readonly rows: readonly (readonly string[])[]
}

export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** Plots side by side that belong together. */
export interface Figure {
  readonly kind: 'figure'
  readonly title: string
  /** What is to be seen, in sentences. */
  readonly finding: string
  /** Models to tell apart by colour, dashes and shape; none where plots name them. */
  readonly legend: readonly LegendEntry[]
  readonly panels: readonly Panel[]
  /** The values that are drawn. */
  readonly table: Table
}

export interface LegendEntry {
  readonly name: string
  /** Place of the model, which has its colour, dashes and shape; undefined for what is no model. */
  readonly style: number | undefined
}

export interface Panel {
  readonly title: string
  /** What is drawn, in words, where the title does not say it. */
  readonly note?: string
  /** Its main finding, for those who do not see it. */
  readonly alternative: string
  readonly chart: Chart
}

/** What a user had and what models recommend. */
export interface UserLists {
  readonly kind: 'user'
  readonly user: string
  readonly lists: readonly UserList[]
}

export interface UserList {
  readonly title: string
  readonly entries: readonly { readonly text: string; readonly hit: boolean }[]
}
