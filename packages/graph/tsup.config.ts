import { externalNamespace, library } from '../../tsup.shared.ts'

// The namespaces are entries of their own, so that bundlers drop those that a page does not use.
export default library(
  [
    'src/index.ts',
    'src/kernels.ts',
    'src/files.ts',
    'src/graph-samplers/index.ts',
    'src/truncated-svd/panel-svd.ts',
  ],
  'neutral',
  [externalNamespace('./graph-samplers/index.js')],
)
