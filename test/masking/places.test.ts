import { readdirSync, readFileSync } from 'node:fs';
import { findSensitive } from '../../src/masking/index.js';
import { fill } from './fill.js';
import { documentOf, masked } from './messages.js';

interface Corpus {
  detector: string;
  sign: string;
  finds: { text: string; masked: string; label?: string }[];
}

const folder = new URL('../cases/masking/detectors/', import.meta.url);
const planted = readdirSync(folder).flatMap((file) => {
  const { detector, sign, finds } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Corpus;
  // One that stands alone, in plain letters, can be written in every other way.
  const plain = finds.find(
    ({ text, masked: rest, label }) => rest === sign && label === undefined && /^[ -[\]-~]+$/.test(text),
  );
  return plain === undefined ? [] : [{ detector, value: fill(plain.text) }];
});

type Plant = (value: string) => unknown;
const text = (value: unknown) => ({ type: 'text', text: value });
const base64 = (value: string) => Buffer.from(value, 'utf8').toString('base64');
const answer = (result: unknown) => ({ jsonrpc: '2.0', id: 1, result });
const note = (method: string, params: object) => ({ jsonrpc: '2.0', method, params });
const request = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });
const prompts = { role: 'user', content: { type: 'text', text: '' } };

/** Everywhere where MCP lets a server, or a client, put a text. */
const PLACES: Record<string, Plant> = {
  'a text content': (value) => answer({ content: [text(value)] }),
  'a structured content': (value) => answer({ structuredContent: { rows: [{ a: value }] } }),
  'a name of a structured content': (value) => answer({ structuredContent: { [value]: 1 } }),
  'an embedded resource’s text': (value) =>
    answer({ content: [{ type: 'resource', resource: { uri: 'a:b', text: value } }] }),
  'an embedded resource’s bytes': (value) =>
    answer({ content: [{ type: 'resource', resource: { uri: 'a:b', blob: base64(value) } }] }),
  'bytes in the URL alphabet': (value) =>
    answer({ contents: [{ uri: 'a:b', blob: Buffer.from(`ÿ¿ ${value}`).toString('base64url') }] }),
  'a resource link': (value) =>
    answer({
      content: [
        {
          type: 'resource_link',
          uri: `data:text/plain;base64,${base64(value)}`,
          name: value,
          description: value,
        },
      ],
    }),
  'a URI, percent-encoded': (value) =>
    answer({
      content: [
        {
          type: 'resource_link',
          uri: `x:${[...Buffer.from(value)].map((byte) => `%${byte.toString(16)}`).join('')}`,
          name: 'n',
        },
      ],
    }),
  _meta: (value) => answer({ content: [], _meta: { 'a/b': { c: [value] } } }),
  'an error’s message': (value) => ({ jsonrpc: '2.0', id: 1, error: { code: 1, message: value } }),
  'an error’s data': (value) => ({
    jsonrpc: '2.0',
    id: 1,
    error: { code: 1, message: 'm', data: { d: value } },
  }),
  progress: (value) => note('notifications/progress', { progressToken: 1, progress: 1, message: value }),
  'a log message': (value) => note('notifications/message', { level: 'info', data: value }),
  'a log record': (value) => note('notifications/message', { level: 'info', data: { a: [value] } }),
  'a prompt': (value) => answer({ messages: [{ ...prompts, content: text(value) }] }),
  'a completion': (value) => answer({ completion: { values: [value] } }),
  'a tool’s description': (value) =>
    answer({ tools: [{ name: 't', description: value, inputSchema: { type: 'object' } }] }),
  'a tool’s schema': (value) =>
    answer({
      tools: [{ name: 't', inputSchema: { type: 'object', properties: { a: { default: value } } } }],
    }),
  sampling: (value) =>
    request('sampling/createMessage', { messages: [{ role: 'user', content: text(value) }], maxTokens: 1 }),
  elicitation: (value) =>
    request('elicitation/create', { message: value, requestedSchema: { type: 'object', properties: {} } }),
  'an answer to an elicitation': (value) => answer({ action: 'accept', content: { a: value } }),
  'JSON in a text': (value) => answer({ content: [text(JSON.stringify({ a: [value] }))] }),
  'JSON in JSON in a text': (value) =>
    answer({ content: [text(JSON.stringify({ a: JSON.stringify({ b: value }) }))] }),
  'JSON in base64': (value) =>
    answer({ contents: [{ uri: 'a:b', blob: base64(JSON.stringify({ b: value })) }] }),
  'JSON in a fence': (value) =>
    answer({ content: [text(`Here:\n\`\`\`json\n${JSON.stringify({ b: value })}\n\`\`\``)] }),
  'two strings': (value) => answer({ structuredContent: { list: [value.slice(0, 6), value.slice(6)] } }),
  'two parts of a content': (value) =>
    answer({ content: [text(`a ${value.slice(0, 6)}`), text(`${value.slice(6)} b`)] }),
};

/** Every text that can be had from a message. */
function allTexts(value: unknown): string {
  if (typeof value === 'string') {
    const decoded = [value, Buffer.from(value.replace(/^.*base64,/, ''), 'base64').toString('utf8')];
    const percents = /%[0-9a-f]{2}/i.test(value) ? [decodeURIComponent(value)] : [];
    return [...decoded, ...percents, ...decoded.map(inJson)].join('\n');
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const all = Object.entries(value).map(([name, below]) => `${name}\n${allTexts(below)}`);
  const together = Array.isArray(value)
    ? value.map((one) => one?.text ?? (typeof one === 'string' ? one : '\n'))
    : [];
  return [...all, together.join('')].join('\n');
}

function inJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? allTexts(value) : '';
  } catch {
    return ''; // no JSON text
  }
}

describe.each(planted)('$detector', ({ detector, value }) => {
  const mask = [{ path: '/**', with: 'redact', match: { detector } }] as const;

  describe.each([
    ['plain', (json: string) => json],
    ['escaped', (json: string) => json.replaceAll(/(?<!\\)[a-z0-9@.](?=[^"]*"[,}\]])/gi, unicodeEscape)],
  ])('%s', (_spelling, spell) => {
    test.each(Object.entries(PLACES))('in %s', (_place, plant) => {
      const message = spell(JSON.stringify(plant(value)));
      expect(allTexts(JSON.parse(message))).toContain(value);
      const byFindings = findSensitive(documentOf(message))
        .filter((finding) => finding.detector === detector)
        .map(({ path }) => ({ path, with: 'redact' as const, match: { detector } }));
      for (const how of [mask, byFindings]) {
        const result = masked(message, how).text;
        expect(allTexts(JSON.parse(result))).not.toContain(value);
      }
    });
  });
});

function unicodeEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

test('there is something to plant', () => {
  expect(planted.length).toBeGreaterThan(1);
});
