throw new Error(
  "The Node.js native addon module (tfjs_binding.node) can not be found at path: '…'.",
)
