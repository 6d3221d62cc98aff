import type { Chart } from '../charts/chart.js'
import type { ReportNumbers } from '../numbers.js'

/** The content of a report, independent of the format. Texts are plain; each format escapes them. */
export interface ReportDocument {
  readonly title: string
  readonly description: string | undefined
  readonly warnings: readonly Warning[]
  /** The numbers that can be downloaded from the page. */
  readonly numbers: ReportNumbers
  readonly sections: readonly Section[]
}

/** A warning that a reader must know before the numbers. */
export interface Warning {
  /** Names of the models that it is about. */
  readonly about: string
  readonly text: string
}

/** A section with a title. */
export interface Section {
  /** Fragment of the address of the section. */
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

/** A part of a section. */
export type Block = Heading | Paragraph | TableBlock | Figure | ListsBlock | CodeBlock

interface Heading {
  readonly kind: 'heading'
  readonly text: string
}

interface Paragraph {
  readonly kind: 'paragraph'
  readonly text: string
  /** True for the sentence that a reader in a hurry should read. */
  readonly lead?: boolean
}

interface TableBlock {
  readonly kind: 'table'
  readonly caption: string
  readonly table: Table
}

/** A table with texts in its cells. */
export interface Table {
  readonly columns: readonly Column[]
  /** Cells of each row; the first cell names the row. */
  readonly rows: readonly (readonly string[])[]
}

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** Plots side by side that belong together. */
export interface Figure {
  readonly kind: 'figure'
  readonly title: string
  /** Finding that the plots show, in sentences. */
  readonly finding: string
  /** Models with their colours, dashes and shapes; empty if the plots name the models. */
  readonly legend: readonly LegendEntry[]
  readonly panels: readonly Panel[]
  /** Table of the values that are drawn. */
  readonly table: Table
}

/** A name in a legend with the look of its line. */
export interface LegendEntry {
  readonly name: string
  /** Place of the model, which decides its colour, dashes and shape; undefined for a reference. */
  readonly style: number | undefined
}

/** A plot with its title. */
export interface Panel {
  readonly title: string
  /** Explanation of the drawn values, if the title is not enough. */
  readonly note?: string
  /** Main finding for readers who do not see the plot. */
  readonly alternative: string
  readonly chart: Chart
}

/** Lines of code. */
interface CodeBlock {
  readonly kind: 'code'
  readonly text: string
}

/** Lists of items side by side, such as the history of a user and the lists that models recommend. */
export interface ListsBlock {
  readonly kind: 'lists'
  readonly heading: string
  readonly lists: readonly UserList[]
}

/** A list of items with a title. */
export interface UserList {
  readonly title: string
  readonly entries: readonly { readonly text: string; readonly hit: boolean }[]
}
