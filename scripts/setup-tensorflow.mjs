// Makes the backend `tensorflow` usable where the install script of @tensorflow/tfjs-node-gpu cannot
// download: takes TensorFlow's libraries and headers from its wheel on PyPI and builds the addon against
// them. With --cuda it takes the wheel that has CUDA kernels; CUDA itself must be on the machine.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const tensorflowVersion = '2.21.0'
const addon = '@tensorflow/tfjs-node-gpu'
const addonVersion = '4.22.0'
/** Folders of TensorFlow's headers that the addon's sources include. */
const headerFolders = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/', 'xla/']

const root = fileURLToPath(new URL('..', import.meta.url))
const wantsCuda = process.argv.includes('--cuda')
const wheel = wantsCuda || process.arch !== 'x64' ? 'tensorflow' : 'tensorflow-cpu'
const folder = join(root, '.tensorflow', `${wheel}-${tensorflowVersion}`)
const library = join(folder, 'tensorflow', 'libtensorflow_cc.so.2')

const ordinaryWay = `
The ordinary way: 'npm i ${addon}@${addonVersion}' (or @tensorflow/tfjs-node without a GPU), whose install
script downloads TensorFlow 2.9.1 from storage.googleapis.com. It needs Linux or Windows on x64 and, for the
GPU, CUDA 11.2 with cuDNN 8.1.`

function giveUp(reason) {
  console.error(`TensorFlow was not set up: ${reason}\n${ordinaryWay}`)
  process.exit(2)
}

function run(command, args, options = {}) {
  const shown = options.shown ?? [command, ...args].join(' ')
  console.log(`> ${shown}`)
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options })
  if (result.status === 0) return
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`
  giveUp(`this failed: ${shown}\n${output.trim().split('\n').slice(-15).join('\n')}`)
}

function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

if (process.platform !== 'linux')
  giveUp(`this script knows Linux, and this is ${process.platform}.`)
if (!has('python3')) giveUp('there is no python3, whose pip fetches the wheel.')
if (!has('c++') || !has('make')) giveUp('there is no C++ compiler or no make to build the addon.')

if (existsSync(library)) console.log(`TensorFlow ${tensorflowVersion} is in ${folder}.`)
else fetchLibraries()
installPackage()
buildAddon()
checkAddon()

function fetchLibraries() {
  const download = join(folder, 'download')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(download, { recursive: true })
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const platforms = ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].flatMap((name) => [
    '--platform',
    `${name}_${machine}`,
  ])
  run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', download],
    ...['--implementation', 'cp', '--python-version', '3.12', ...platforms],
    `${wheel}==${tensorflowVersion}`,
  ])
  const [file] = readdirSync(download)
  const wanted = headerFolders.map((name) => `tensorflow/include/${name}`)
  const program = `
import sys, zipfile
wheel, folder, *headers = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        is_library = name.startswith('tensorflow/libtensorflow_')
        if is_library or (name.endswith('.h') and name.startswith(tuple(headers))):
            archive.extract(name, folder)`
  run('python3', ['-c', program, join(download, file), folder, ...wanted], {
    shown: `unpack the libraries and C headers of ${file} into ${folder}`,
  })
  rmSync(download, { recursive: true })
}

function packageFolder() {
  return join(root, 'node_modules', ...addon.split('/'))
}

function installPackage() {
  if (existsSync(join(packageFolder(), 'package.json'))) return
  // Not saved in package.json, since most contributors do not need it; its install script is not
  // run.
  run('npm', [
    ...['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'],
    `${addon}@${addonVersion}`,
  ])
}

function buildAddon() {
  const deps = join(packageFolder(), 'deps')
  rmSync(deps, { recursive: true, force: true })
  mkdirSync(join(deps, 'lib'), { recursive: true })
  const tensorflow = join(folder, 'tensorflow')
  symlinkSync(join(tensorflow, 'include'), join(deps, 'include'))
  symlinkSync(library, join(deps, 'lib', 'libtensorflow.so'))
  symlinkSync(
    join(tensorflow, 'libtensorflow_framework.so.2'),
    join(deps, 'lib', 'libtensorflow_framework.so'),
  )
  // The headers lie beside Node's binary; without this setting node-gyp downloads them.
  const prefix = resolve(dirname(process.execPath), '..')
  const headers = existsSync(join(prefix, 'include', 'node')) ? [`--nodedir=${prefix}`] : []
  const bin = join(root, 'node_modules', '.bin')
  run(join(bin, 'node-pre-gyp'), ['install', '--build-from-source', ...headers], {
    cwd: packageFolder(),
    // The path must be that of the folder itself, not of links: TensorFlow looks for its other
    // libraries there.
    env: {
      ...process.env,
      LDFLAGS: `-Wl,-rpath,${tensorflow}`,
      PATH: `${bin}:${process.env.PATH}`,
    },
    shown: `build the addon of ${addon} against TensorFlow ${tensorflowVersion}`,
  })
}

function checkAddon() {
  const require = createRequire(import.meta.url)
  const program = `
const tf = require(${JSON.stringify(require.resolve(addon))})
const [sum] = tf.add(1, 2).dataSync()
console.log(sum === 3 ? 'ok' : 'wrong', tf.backend().binding.TF_Version, tf.backend().isUsingGpuDevice)`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '1' },
  })
  const [result, version, usesGpu] = stdout.trim().split(' ')
  if (result !== 'ok') giveUp(`the addon does not compute:\n${stdout}${stderr}`)
  const device = usesGpu === 'true' ? 'a GPU' : 'the CPU'
  console.log(`The backend 'tensorflow' works here, with TensorFlow ${version} on ${device}.`)
}
