import type { PolicyErrorCode } from './errors.js';
import type { PolicyImage } from './wasm/image.js';

/** What an evaluation thread is told once, when it starts. */
export interface ThreadSettings {
  /** The memory of each policy's instance, in WebAssembly pages of 64 KiB. */
  readonly memoryPages: number;
}

/** Main thread to evaluation thread: one at a time; `drop` alone is not answered. */
export type Order =
  | { readonly type: 'prepare'; readonly wasm: Uint8Array; readonly data: Uint8Array }
  | { readonly type: 'hold'; readonly policy: number; readonly image: PolicyImage }
  | {
      readonly type: 'evaluate';
      readonly policy: number;
      /** Its number in the policy. */
      readonly entrypoint: number;
      readonly input: ArrayBuffer;
      readonly nowNanoseconds: bigint;
    }
  | { readonly type: 'drop'; readonly policy: number };

/** Evaluation thread to main thread. */
export type Report =
  | { readonly type: 'prepared'; readonly image: PolicyImage }
  | { readonly type: 'held' }
  | {
      readonly type: 'evaluated';
      /** OPA's result set, as JSON. */
      readonly results: string;
      readonly microseconds: number;
    }
  | { readonly type: 'failed'; readonly code: PolicyErrorCode; readonly message: string };
