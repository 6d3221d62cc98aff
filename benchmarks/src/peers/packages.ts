import type { PythonPackages } from '../python/virtual-environment.js'

/**
 * PyTorch from PyPI. Its wheel for x86 brings 5 GB of CUDA libraries and does not load without them;
 * on the processor it runs MKL.
 */
export const torch: PythonPackages = { name: 'torch', packages: ['torch==2.15.0', 'numpy==2.4.6'] }

export const torchGeometric: PythonPackages = {
  name: 'torch-geometric',
  packages: [...torch.packages, 'torch-geometric==2.8.1'],
}

export const scipy: PythonPackages = {
  name: 'scipy',
  packages: ['numpy==2.4.6', 'scipy==1.17.1'],
}

export const implicit: PythonPackages = {
  name: 'implicit',
  packages: [...scipy.packages, 'implicit==0.7.3', 'threadpoolctl==3.8.0'],
}

/**
 * RecBole without its dependencies: it pins releases of Ray that this Python lacks, and its models
 * and trainer do not need Ray.
 */
export const recbole: PythonPackages = {
  name: 'recbole',
  packages: [
    ...torch.packages,
    ...['scipy==1.17.1', 'scikit-learn==1.9.1', 'pandas', 'pyyaml', 'tqdm', 'tensorboard'],
    ...['colorlog==4.7.2', 'colorama==0.4.4', 'tabulate', 'texttable', 'psutil'],
  ],
  withoutDependencies: ['recbole==1.2.1', 'thop'],
}

/** Packages from the npm registry. */
export const tensorflowJs = ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0']
