/** What is used of WebAssembly, with types of our own: TypeScript has them only in the browser's library. */

export interface Memory {
  readonly buffer: ArrayBuffer;
}
export type Module = object;

interface Api {
  readonly Memory: new (size: { readonly initial: number; readonly maximum?: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

export const WebAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
