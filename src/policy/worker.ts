/** An evaluation thread: obeys orders one at a time, holds each policy that it was told to hold. */
import { parentPort, workerData } from 'node:worker_threads';
import { PolicyError } from './errors.js';
import type { Order, Report, ThreadSettings } from './orders.js';
import { evaluationError } from './wasm/policy.js';
import { RenewedInstance } from './wasm/renewed.js';

/** Without bound: here a deadline ends the whole thread. */
const STEPS = 1n << 62n;

const { memoryPages } = workerData as ThreadSettings;
const held = new Map<number, RenewedInstance>();

async function obey(order: Order): Promise<Report | undefined> {
  switch (order.type) {
    case 'prepare': {
      // Most threads never do: they start without it.
      const { loadImage } = await import('./wasm/image.js');
      return { type: 'prepared', image: loadImage(order.wasm, order.data, memoryPages) };
    }
    case 'hold':
      held.set(order.policy, await RenewedInstance.create(order.image, memoryPages));
      return { type: 'held' };
    case 'evaluate':
      return evaluate(order);
    case 'drop':
      held.delete(order.policy);
      return undefined;
  }
}

function evaluate(order: Extract<Order, { type: 'evaluate' }>): Report {
  const instance = held.get(order.policy);
  if (instance === undefined) throw new Error(`policy ${order.policy} is not held`);
  const { entrypoint, nowNanoseconds } = order;
  const started = performance.now();
  const input = new Uint8Array(order.input);
  const results = instance.evaluate({ input, entrypoint, steps: STEPS, nowNanoseconds });
  return { type: 'evaluated', results, microseconds: Math.ceil((performance.now() - started) * 1000) };
}

async function answer(order: Order): Promise<Report | undefined> {
  try {
    return await obey(order);
  } catch (thrown) {
    const { code, message } = thrown instanceof PolicyError ? thrown : evaluationError(thrown);
    return { type: 'failed', code, message };
  }
}

async function report(order: Order): Promise<void> {
  const done = await answer(order);
  if (done !== undefined) parentPort?.postMessage(done);
}

// A rejection is a fault in this file: it ends the thread, and the main thread fails the order and starts another.
parentPort?.on('message', (order: Order) => void report(order));
