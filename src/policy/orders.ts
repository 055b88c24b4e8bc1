import type { JsonValue } from '../domain/index.js';
import type { PolicyErrorCode } from './errors.js';

/** What an evaluation thread is told once, when it starts. */
export interface ThreadSettings {
  /** Such as `regate/main/decision`. */
  readonly entrypoint: string;
  /** The memory of each policy's instance, in WebAssembly pages of 64 KiB. */
  readonly memoryPages: number;
}

/** What a thread needs to make instances of a policy. Neither is copied: threads share the code and the data. */
export interface PolicySource {
  readonly module: WebAssembly.Module;
  /** The bundle's data document. */
  readonly data: SharedArrayBuffer;
}

/** Main thread to evaluation thread: one at a time; `drop` alone is not answered. */
export type Order =
  | { readonly type: 'load'; readonly policy: number; readonly source: PolicySource }
  | { readonly type: 'evaluate'; readonly policy: number; readonly input: ArrayBuffer }
  | { readonly type: 'drop'; readonly policy: number };

/** Evaluation thread to main thread. After `failed`, or if `spent`, the thread no longer holds the policy. */
export type Report =
  | { readonly type: 'loaded' }
  | {
      readonly type: 'evaluated';
      /** OPA's result set. */
      readonly results: JsonValue;
      readonly microseconds: number;
      readonly spent: boolean;
    }
  | { readonly type: 'failed'; readonly code: PolicyErrorCode; readonly message: string };
