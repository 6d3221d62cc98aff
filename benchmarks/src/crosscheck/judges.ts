import type { PythonPackages } from '../python/virtual-environment.js'

/** Python libraries whose metrics are compared with ours. */
export const judges: PythonPackages = {
  name: 'crosscheck',
  packages: [
    'numpy==2.4.6',
    'scipy==1.17.1',
    'scikit-learn==1.9.1',
    'ranx==0.3.21',
    'pytrec-eval-terrier==0.5.11',
    'implicit==0.7.3',
  ],
  // Only the metrics of RecBole are used.
  withoutDependencies: ['recbole==1.2.1'],
}
