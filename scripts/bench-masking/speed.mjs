import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { carryOut, findSensitive } from '../../dist/masking/index.js';
import { readJson } from '../../dist/protocol/index.js';
import { MESSAGES } from './messages.mjs';

const DETECTORS = ['payment_card', 'email', 'us_ssn', 'iban', 'phone', 'person_name'];
const OPTIONS = { hashKey: Buffer.alloc(32) };

/** What policy says where all that a detector finds is masked. */
const DECISION = {
  effect: 'allow',
  reasons: [],
  labels: [],
  mask: DETECTORS.map((detector) => ({ path: '/result', with: 'redact', match: { detector } })),
};

/** Megabytes a second of processor time, searched by all detectors, and masked by six. */
export function measureSpeed(size, report) {
  return Object.entries(MESSAGES).map(([what, make]) => {
    report(`${what}, ${size} MB`);
    const bytes = make(size);
    const read = () => readJson(bytes, { maxDepth: 100 });
    findSensitive(readJson(make(size / 10), { maxDepth: 100 }));
    return {
      what,
      find: rate(bytes, read(), (document) => findSensitive(document)),
      mask: rate(bytes, read(), (document) => carryOut(document, DECISION, OPTIONS)),
    };
  });
}

function rate(bytes, document, act) {
  const began = process.cpuUsage();
  act(document);
  const { user, system } = process.cpuUsage(began);
  return bytes.length / (user + system);
}

/** What a process of its own needs at most beyond what it had before, for one answer of records. @returns MB */
export async function measureMemory(size, report) {
  report(`memory, ${size} MB`);
  const child = fileURLToPath(new URL('memory.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [child, String(size)]);
  return { size, used: Number(stdout) };
}
