import { Argument, Command, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import type { CommandIo } from './io.js'
import { bytes, column, integer, list, number } from './values.js'

/** The work of a command, which is loaded when the command is called. */
type Work = (args: readonly never[], options: never, io: CommandIo) => Promise<void>

/** Makes the command `gnnrec` with its subcommands. */
export function makeProgram(signal: AbortSignal): Command {
  const program = new Command('gnnrec')
    .description('Recommendations from a file of events.')
    .version(packageJson.version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', mainHelp)

  const add = (
    syntax: string,
    description: string,
    examples: readonly string[],
    load: () => Promise<{ run: unknown }>,
  ) => {
    const command = program
      .command(syntax)
      .description(description)
      .option('--json', 'write the result as JSON')
      .option('--quiet', 'tell nothing but the result')
      .addHelpText('after', `\nExamples:\n${examples.map((each) => `  $ ${each}`).join('\n')}`)
    command.action(async () => {
      const options = command.opts()
      const { commandIo } = await import('./io.js')
      const { run } = (await load()) as { run: Work }
      await run(command.processedArgs as never, options as never, commandIo(options, signal))
    })
    return command
  }

  withColumns(
    withEvents(
      add(
        'inspect',
        'Shows what a file holds and how it would be read.',
        ['gnnrec inspect events.csv', 'gnnrec inspect events.csv --user customer --json'],
        () => import('./inspect.js'),
      ),
    ),
  )
  const training = withTraining(
    withColumns(
      withEvents(
        add(
          'train',
          'Makes a model from events: chooses, judges, fits to all of them and saves.',
          [
            'gnnrec train events.csv',
            'gnnrec train events.csv --output shop --report shop-report',
            'gnnrec train events.csv --model light-gcn --user customer --item sku',
            'gnnrec train new-events.csv --from model --output newer',
            'zcat events.csv.gz | gnnrec train -',
          ],
          () => import('./train.js'),
        ),
      ),
    ),
  )
  training
    .option('-o, --output <folder>', 'folder of the model', 'model')
    .option('--force', 'replace a model that is in the folder')
    .option('--report <folder>', 'write a page of the results as well')
    .option('--model <name>', 'take this model, without a choice')
    .option('--preset <name>', 'preset of the model')
    .option('--from <folder>', 'go on from this model: its settings, its vectors and its events')
    .option('--epochs <n>', 'with --from, most epochs of training', integer(1))
    .option('--compare', 'with --from, train from nothing as well, to see what is lost')
  withTraining(
    withColumns(
      withEvents(
        add(
          'choose',
          'Chooses among models on the validation part, and shows all of them.',
          [
            'gnnrec choose events.csv',
            'gnnrec choose events.csv --candidates ease,item-knn --save model',
          ],
          () => import('./choose.js'),
        ),
      ),
    ),
  )
    .option('--save <folder>', 'fit the chosen model to all events, and save it')
    .option('--force', 'with --save, replace a model that is in the folder')
  withColumns(
    withModel(
      add(
        'evaluate',
        'Judges a model on events that it has not learnt from.',
        [
          'gnnrec evaluate model later-events.csv',
          'gnnrec evaluate model later.csv --metrics ndcg@10',
        ],
        () => import('./evaluate.js'),
      ),
    ).addArgument(new Argument('<events>', 'file of later events, or - for standard input')),
  ).option('--metrics <names>', 'metrics, with commas', list)
  withList(
    withModel(
      add(
        'recommend',
        'Recommends to users, or for a history of anybody.',
        [
          'gnnrec recommend model ann bob',
          'gnnrec recommend model --history alien,brazil -k 5',
          'gnnrec recommend model --all --output lists.csv',
          'cut -d, -f1 users.csv | gnnrec recommend model - --json',
        ],
        () => import('./recommend.js'),
      ),
    ).addArgument(
      new Argument('[users...]', 'ids of users, or - to read them from standard input'),
    ),
  )
    .option('--history <items>', 'items of somebody who need not be known, with commas', list)
    .option('--since <items>', 'items that the user has met after the training, with commas', list)
    .option('--all', 'recommend to all users')
    .option('-o, --output <file>', 'with --all, a file that ends in .csv, .jsonl or .parquet')
    .option('--force', 'replace the file')
  withList(
    withModel(
      add(
        'similar',
        'Finds the items that are most similar to an item.',
        ['gnnrec similar model alien', 'gnnrec similar model 4711 -k 20 --json'],
        () => import('./similar.js'),
      ),
    ).addArgument(new Argument('<item>', 'id of the item')),
    false,
  )
  withModel(
    add(
      'explain',
      'Explains the score of an item, and why it is in a list or not.',
      ['gnnrec explain model ann alien', 'gnnrec explain model --history brazil,clue alien'],
      () => import('./explain.js'),
    ),
  )
    .addArgument(new Argument('<ids...>', 'a user and an item; with --history the item alone'))
    .option('--history <items>', 'items of somebody who need not be known, with commas', list)
    .option('-k <n>', 'length of the list', integer(1))
  withModel(
    add(
      'serve',
      'Answers over HTTP from a model, and from the next one once it is saved to the folder.',
      [
        'gnnrec serve model',
        'gnnrec serve model --port 3000 --quiet > log.jsonl',
        'GNNREC_READ_KEYS=$KEY gnnrec serve model --host 0.0.0.0',
      ],
      () => import('./serve.js'),
    ),
  )
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <n>', 'port to listen on (default: 8080)', integer(0))
    .option('--watch <seconds>', 'seconds between looks for another model, 0 for none', number)
    .option('--origins <urls>', 'origins whose pages may ask, with commas', list)
    .option('--rate <n>', 'most requests of an address within a minute', integer(1))
  withColumns(
    withModel(
      add(
        'report',
        'Writes a page on how a model does on events that it has not learnt from.',
        ['gnnrec report model later-events.csv --output page'],
        () => import('./report.js'),
      ),
    ).addArgument(new Argument('<events>', 'file of later events, or - for standard input')),
  )
    .option('--metrics <names>', 'metrics, with commas', list)
    .option('-o, --output <folder>', 'folder of the page', 'report')
  withModel(
    add(
      'export',
      'Writes lists of all users, similar items of all items, or vectors to a file.',
      [
        'gnnrec export model lists.parquet -k 50',
        'gnnrec export model similar.jsonl --what similar',
        'gnnrec export model items.parquet --what item-vectors',
      ],
      () => import('./export.js'),
    ),
  )
    .addArgument(
      new Argument(
        '<file>',
        'a file that ends in .csv, .jsonl or .parquet; for vectors in .parquet, .arrow, .jsonl or .npy',
      ),
    )
    .addOption(
      new Option('--what <kind>', 'what is written')
        .choices(['lists', 'similar', 'item-vectors', 'user-vectors'])
        .default('lists'),
    )
    .option('-k <n>', 'length of each list', integer(1))
    .option('--force', 'replace the file')
  add(
    'run',
    'Runs the experiment of a YAML file: models × data sets × seeds × settings.',
    ['gnnrec run study.yaml', 'gnnrec run study.yaml --folder runs/study --continue'],
    () => import('./run.js'),
  )
    .addArgument(new Argument('<study>', 'YAML file of the experiment'))
    .option('--folder <folder>', 'folder of the results (default: runs/NAME)')
    .option('--continue', 'go on in a folder with results')
    .option('--parallel <n>', 'number of trials at a time', integer(1))
    .option('--save-models', 'save each model that is judged on the test part')
    .option('--save-best <folder>', 'fit the best model of each data set to all of it, and save it')
  add(
    'doctor',
    'Describes the machine and checks the backends. Takes about a minute for each.',
    ['gnnrec doctor', 'gnnrec doctor --backends simd --parts kernels'],
    () => import('./doctor.js'),
  )
    .option('--backends <names>', 'simd, tensorflow or cpu, with commas', list)
    .option('--parts <names>', 'kernels, training or speed, with commas', list)
    .addOption(
      new Option('--gpu <use>', 'use of a GPU')
        .choices(['require', 'allow', 'forbid'])
        .default('allow'),
    )
    .option('--threads <n>', 'number of threads', integer(1))
  add(
    'init',
    'Writes a small TypeScript project that trains and recommends.',
    ['gnnrec init shop', 'gnnrec init shop --force'],
    () => import('./init.js'),
  )
    .addArgument(new Argument('[folder]', 'folder of the project').default('recommender'))
    .option('--force', 'write into a folder that is not empty')
  program
    .command('completion')
    .description('Prints a script for the completion of a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nExamples:\n  $ source <(gnnrec completion bash)')
    .action(async (shell: string) => {
      const { completionFor } = await import('./completion.js')
      process.stdout.write(completionFor(shell, program))
    })
  return program
}

function withEvents(command: Command): Command {
  return command.addArgument(
    new Argument(
      '<events>',
      'file: CSV and its like, JSON, Parquet, Arrow; or - for standard input',
    ),
  )
}

function withModel(command: Command): Command {
  return command.addArgument(new Argument('<model>', 'folder of a saved model'))
}

function withColumns(command: Command): Command {
  command
    .option('--user <column>', 'column of users, by name or position from 0', column)
    .option('--item <column>', 'column of items', column)
  for (const role of ['rating', 'timestamp', 'weight']) {
    command
      .option(`--${role} <column>`, `column of ${role}s`, column)
      .option(`--no-${role}`, `read no ${role}s`)
  }
  return command
    .addOption(new Option('--header <is>', 'first line has names').choices(['yes', 'no']))
    .addOption(
      new Option('--dates <order>', 'order of 03/04/2024').choices(['day-first', 'month-first']),
    )
}

function withTraining(command: Command): Command {
  return command
    .option('--candidates <names>', 'models to choose among, with commas', list)
    .option('--metric <name>', "metric to choose and judge by (default: 'ndcg@20')")
    .addOption(new Option('--split <way>', 'way to split').choices(['time', 'random']))
    .option('--min-rating <n>', 'lowest rating that is learnt from', number)
    .addOption(
      new Option('--weights <kind>', 'weights of pairs').choices(['none', 'counts', 'log']),
    )
    .option('--min-per-user <n>', 'least events of a user to choose and judge by', integer(1))
    .option('--min-per-item <n>', 'least events of an item to choose and judge by', integer(1))
    .addOption(
      new Option('--effort <size>', "default candidates: 'quick' ones, or all").choices([
        'quick',
        'thorough',
      ]),
    )
    .option('--seconds <n>', 'seconds for the choice (default: 90 if it is quick)', number)
    .option('--memory <size>', "memory for the table and for each trial, such as '4GB'", bytes)
    .option('--parallel <n>', 'number of trials at a time', integer(1))
    .option('--seed <n>', 'seed of all that is drawn', integer(0))
}

function withList(command: Command, excludes = true): Command {
  command.option('-k <n>', 'length of the list', integer(1))
  if (excludes) command.option('--exclude <items>', 'items that are left out, with commas', list)
  return command
}

const mainHelp = `
Examples:
  $ gnnrec train events.csv            chooses, judges and saves a model in the folder model
  $ gnnrec recommend model ann -k 5    recommends to ann
  $ gnnrec similar model alien         finds items like alien

Exit codes: 0 when all went well, 1 when something failed, 2 for wrong use, 130 when interrupted.
gnnrec COMMAND --help has the options and examples of a command.`
