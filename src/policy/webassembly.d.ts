/** The part of the WebAssembly JavaScript API that this room uses: Node has it, but neither its types nor `es2023` do. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    /** In pages of 64 KiB, as is `maximum`. */
    initial: number;
    maximum?: number;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    /** Detached, and another one in its place, whenever the memory grows. */
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Global {
    value: unknown;
  }
  interface WebAssemblyInstantiatedSource {
    readonly module: Module;
    readonly instance: Instance;
  }
  function validate(bytes: Uint8Array): boolean;
  class RuntimeError extends Error {}
}
