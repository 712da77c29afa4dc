// WebAssembly is part of Node, and TypeScript knows it only as part of a browser: what is used of it here.
declare namespace WebAssembly {
  type Exports = Readonly<Record<string, unknown>>

  class Module {
    private readonly module: true
  }

  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, object>>)
    readonly exports: Exports
  }

  class Memory {
    readonly buffer: ArrayBuffer
  }

  function compile(bytes: Uint8Array): Promise<Module>
}
