/** Searches and masks one answer of so many MB and prints by how many MB the process grew at most. */
import { carryOut, findSensitive } from '../../dist/masking/index.js';
import { readJson } from '../../dist/protocol/index.js';
import { MESSAGES } from './messages.mjs';

const size = Number(process.argv[2]);
const bytes = MESSAGES.records(size);
const before = process.resourceUsage().maxRSS;
const document = readJson(bytes, { maxDepth: 100 });
findSensitive(document);
const mask = [{ path: '/result', with: 'redact', match: { detector: 'payment_card' } }];
carryOut(document, { effect: 'allow', reasons: [], labels: [], mask }, { hashKey: Buffer.alloc(32) });
process.stdout.write(String((process.resourceUsage().maxRSS - before) / 1024));
