/** An evaluation thread: obeys orders one at a time, holds an instance of each policy it was told to load. */
import { parentPort, workerData } from 'node:worker_threads';
import { PolicyError } from './errors.js';
import { PolicyInstance } from './instance.js';
import type { Order, PolicySource, Report, ThreadSettings } from './orders.js';

const settings = workerData as ThreadSettings;
const instances = new Map<number, PolicyInstance>();
/** Policies whose data is known to be sound: a spent instance's successor need not read it again. */
const sound = new Set<number>();

async function load(policy: number, source: PolicySource): Promise<Report> {
  try {
    if (!sound.has(policy)) mustBeObject(source.data);
    instances.set(policy, await PolicyInstance.create(source, settings));
    sound.add(policy);
    return { type: 'loaded' };
  } catch (thrown) {
    if (thrown instanceof PolicyError) return { type: 'failed', code: thrown.code, message: thrown.message };
    const message = `the policy cannot be loaded: ${wordsOf(thrown)}`;
    return { type: 'failed', code: 'activation_failed', message };
  }
}

function evaluate(policy: number, input: ArrayBuffer): Report {
  const instance = instances.get(policy);
  if (instance === undefined) throw new Error(`policy ${policy} is not loaded`);
  const started = performance.now();
  try {
    const results = instance.evaluate(input);
    const microseconds = Math.round((performance.now() - started) * 1000);
    const { spent } = instance;
    if (spent) instances.delete(policy);
    return { type: 'evaluated', results, microseconds, spent };
  } catch (thrown) {
    instances.delete(policy);
    const message = `the policy failed: ${wordsOf(thrown)}`;
    return { type: 'failed', code: 'evaluation_failed', message };
  }
}

/** OPA's reader makes the best of malformed JSON without an error: rules over such data would be silently gone. */
function mustBeObject(shared: SharedArrayBuffer): void {
  const data = parsed(new Uint8Array(shared).slice());
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new PolicyError('activation_failed', "the bundle's data is no JSON object");
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // What the parser says quotes the text, which may be secret.
    throw new PolicyError('activation_failed', "the bundle's data is not JSON in UTF-8");
  }
}

/**
 * What may be told of a throw. OPA's own words (a string, or RangeError and RuntimeError from the engine) name
 * places in the policy; other errors may quote values, so only their kind is told.
 */
function wordsOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  if (thrown instanceof RangeError || thrown instanceof WebAssembly.RuntimeError) return thrown.message;
  return thrown instanceof Error ? `${thrown.name} in a built-in or the host` : 'an unnamed error';
}

async function obey(order: Order): Promise<void> {
  switch (order.type) {
    case 'load':
      return report(await load(order.policy, order.source));
    case 'evaluate':
      return report(evaluate(order.policy, order.input));
    case 'drop':
      instances.delete(order.policy);
      sound.delete(order.policy);
  }
}

function report(done: Report): void {
  parentPort?.postMessage(done);
}

// A rejection is a fault in this file: it ends the thread, and the main thread fails the order and starts another.
parentPort?.on('message', (order: Order) => void obey(order));
