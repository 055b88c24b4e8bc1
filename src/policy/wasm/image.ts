import * as sdk from '@open-policy-agent/opa-wasm';
import { describeThrown } from '../../domain/index.js';
import { CORRECTIONS } from '../builtins/exact.js';
import { hasBuiltin } from '../builtins/index.js';
import { PolicyError } from '../errors.js';
import { PolicyExports } from './abi.js';
import { corrected } from './correct.js';
import { PolicyHost } from './host.js';
import { metered } from './meter.js';

// The SDK's types leave out its default export, which is all of it.
const { LoadedPolicy } = (sdk as unknown as { default: typeof sdk }).default;

/**
 * Room for evaluations that every instance starts with: 2 MiB. V8 collects garbage by how large memories are, taken or not,
 * and much room for each instance on each thread makes that most of what an activation takes.
 */
const SPARE_PAGES = 32;
/** What a policy with little data takes: 1 MiB. */
const USUAL_PAGES = 16;
const PAGE_BYTES = 65_536;
/** What loading may take; it is done on a thread that can be ended. */
const LOADING_STEPS = 1n << 62n;

/**
 * A policy with its data, loaded once. Any number of instances start from it, at the price of a copy of its memory, and
 * any thread can have it without a copy.
 */
export interface PolicyImage {
  readonly module: WebAssembly.Module;
  /** The memory, as far as it was taken when policy and data were loaded. */
  readonly memory: SharedArrayBuffer;
  /** Of the memory, in WebAssembly's pages of 64 KiB. */
  readonly pages: number;
  readonly dataAddress: number;
  /** From where on memory is free. */
  readonly heapAddress: number;
  readonly entrypoints: ReadonlyMap<string, number>;
  /** The built-ins that the policy expects of its host, by name. */
  readonly builtins: ReadonlyMap<string, number>;
}

/**
 * Compiles and loads a policy. Takes as long as policy and data are large: not for a thread that others wait for.
 *
 * @param data a JSON object in UTF-8
 * @param maximumPages of the memory
 * @throws PolicyError `activation_failed`, `builtin_missing`
 */
export function loadImage(wasm: Uint8Array, data: Uint8Array, maximumPages: number): PolicyImage {
  mustBeObject(data);
  try {
    if (!WebAssembly.validate(wasm)) throw unusable('it cannot be compiled: its WebAssembly is not valid');
    const module = new WebAssembly.Module(metered(corrected(wasm, CORRECTIONS)));
    const first = load(module, data, USUAL_PAGES + SPARE_PAGES, maximumPages);
    const taken = Math.ceil(first.heapAddress / PAGE_BYTES);
    // Where it took so much that less than the room is left, it is loaded again with the room behind it.
    const image = taken <= USUAL_PAGES ? first : load(module, data, taken + SPARE_PAGES, maximumPages);
    mustHaveBuiltins(image);
    return image;
  } catch (thrown) {
    if (thrown instanceof PolicyError) throw thrown;
    throw unusable(describeThrown(thrown), thrown);
  }
}

function load(module: WebAssembly.Module, data: Uint8Array, pages: number, maximum: number): PolicyImage {
  const memory = new WebAssembly.Memory({ initial: Math.min(pages, maximum), maximum });
  const host = new PolicyHost(memory, new Map());
  const instance = new WebAssembly.Instance(module, { env: host.imports });
  const exports = new PolicyExports(instance, memory);
  host.serve(exports);
  exports.fuel.fill(LOADING_STEPS);
  const builtins = exports.table('builtins');
  const entrypoints = exports.table('entrypoints');
  const policy = new LoadedPolicy({ module, instance }, memory, abiMinorVersion(instance));
  exports.reserve(exports.heapAddress, data.byteLength);
  policy.setData(new Uint8Array(data).buffer);
  const { heapAddress } = exports;
  const taken = new SharedArrayBuffer(heapAddress);
  new Uint8Array(taken).set(exports.bytes.subarray(0, heapAddress));
  return {
    module,
    memory: taken,
    pages: exports.pages,
    dataAddress: policy.dataAddr,
    heapAddress,
    entrypoints,
    builtins,
  };
}

function abiMinorVersion({ exports }: WebAssembly.Instance): unknown {
  const minor = exports['opa_wasm_abi_minor_version'];
  return minor instanceof WebAssembly.Global ? minor.value : undefined;
}

/** OPA's reader makes the best of malformed JSON without an error: rules over such data would be silently gone. */
function mustBeObject(data: Uint8Array): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data));
  } catch {
    // What the parser says quotes the text, which may be secret.
    throw new PolicyError('activation_failed', "the bundle's data is not JSON in UTF-8");
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new PolicyError('activation_failed', "the bundle's data is no JSON object");
  }
}

function mustHaveBuiltins({ builtins }: PolicyImage): void {
  const missing = [...builtins.keys()].filter((name) => !hasBuiltin(name));
  if (missing.length === 0) return;
  const names = missing.sort().join(', ');
  throw new PolicyError('builtin_missing', `the policy calls built-ins that this host lacks: ${names}`);
}

function unusable(why: string, cause?: unknown): PolicyError {
  return new PolicyError('activation_failed', `the policy cannot be loaded: ${why}`, cause);
}
