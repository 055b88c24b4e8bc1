/** The part of the WebAssembly JavaScript API that this room uses: Node has it, but neither its types nor `es2023` do. */
declare namespace WebAssembly {
  interface Module {
    readonly __module: unique symbol;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  interface MemoryDescriptor {
    /** In pages of 64 KiB, as is `maximum`. */
    initial: number;
    maximum?: number;
  }
  interface WebAssemblyInstantiatedSource {
    readonly module: Module;
    readonly instance: Instance;
  }
  /** Compiles on threads of V8's own. */
  function compile(bytes: Uint8Array): Promise<Module>;
  class RuntimeError extends Error {}
}
