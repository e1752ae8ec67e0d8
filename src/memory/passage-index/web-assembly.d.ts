/** What is used here of WebAssembly, which TypeScript knows of browsers only. */
declare namespace WebAssembly {
  class Memory {
    constructor(description: { initial: number });
    /** In pages of 64 KB. */
    readonly buffer: ArrayBuffer;
    /** Detaches `buffer`. @throws RangeError when there is no room */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory>>);
    readonly exports: Record<string, unknown>;
  }
  function validate(bytes: Uint8Array): boolean;
}
